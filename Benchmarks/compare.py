"""Runs the same work in MONAI on PyTorch and in Viscera, and compares results, time and memory.

Weights and inputs are drawn afresh from --seed by PyTorch, handed over as files, and both sides run
alternately with the same number of threads. Prints a table, writes .build/compare.json (an array of
{name, kind, ours, theirs, ratio or error, limit, pass}; in a parity row, error is ours and theirs is
the other side's error against the same reference, where there is one) and fails when a parity row fails.

    make compare                        # everything, on a generated CT
    make compare COMPARE="--ct scan.nii.gz --seed 7 --only forward,case"
"""

import argparse
import logging
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from monai_side import first_window, forward, metrics, preprocessing, pretraining, segmentation, training, validation, volumes  # noqa: E402
from monai_side.results import Results  # noqa: E402
from monai_side.viscera import Viscera  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent

PARTS = {
    "forward": forward.compare_forward,
    "training": training.compare_training,
    "bfloat16": forward.compare_bfloat16,
    "pretraining": pretraining.compare_pretraining,
    "pretraining-step": pretraining.compare_step,
    "start": first_window.compare_start,
    "first-window": first_window.compare_first_window,
    "preprocessing": preprocessing.compare_random_grids,
    "metrics": metrics.compare_metrics,
    "validation": validation.compare_validation,
    "volumes": volumes.compare_nasty_volumes,
    "pipeline": segmentation.compare_pipeline,
    "case": segmentation.compare_case,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of weights and inputs")
    parser.add_argument("--ct", type=pathlib.Path, help="a CT volume for the whole-case rows (default: a generated one)")
    parser.add_argument("--repeat", type=int, default=5, help="timed runs per side, of which the median counts (0: parity only)")
    parser.add_argument("--case-repeat", type=int, default=1, help="timed runs of the whole case, which takes minutes")
    parser.add_argument("--gradient-window", type=int, default=32, help="edge of the window of the gradient rows (0: none)")
    parser.add_argument("--gradient-sizes", default="mini,tiny,base", help="the networks of the gradient rows")
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "Models/viscera-compact.safetensors", help="of the validation part")
    parser.add_argument("--grids", type=int, default=300, help="random grids of the preprocessing part")
    parser.add_argument("--volumes", default="", help="of the volumes part only these, comma-separated")
    parser.add_argument("--pipeline-shape", default="256x256x150", help="of the volume for the pipeline without a network")
    parser.add_argument("--pretraining-batch", type=int, default=8, help="crops of a pre-training step")
    parser.add_argument("--bfloat16-size", default="base", help="the network of the bfloat16 part: base, tiny or mini")
    parser.add_argument("--bfloat16-window", type=int, default=96, help="the edge of its window, a multiple of 16")
    parser.add_argument("--threads", type=int, default=2, help="threads of both sides")
    parser.add_argument("--only", default="", help="parts, comma-separated: " + ", ".join(PARTS))
    parser.add_argument("--work", type=pathlib.Path, help="keep the exchanged files in this folder")
    parser.add_argument("--executable", type=pathlib.Path, default=ROOT / ".build/release/viscera-compare")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".build/compare.json")
    return parser.parse_args()


def main():
    options = arguments()
    logging.getLogger("monai").setLevel(logging.ERROR)  # a missing GPU decoder for DICOM is named at each file otherwise
    if not options.executable.is_file():
        sys.exit(f"compare: {options.executable} is missing: run 'make build'")
    wanted = set(filter(None, options.only.split(",")))
    if unknown := wanted - set(PARTS):
        sys.exit(f"compare: --only knows {', '.join(PARTS)}; found {', '.join(sorted(unknown))}")
    results = Results()
    with tempfile.TemporaryDirectory(prefix="viscera-compare-") as temporary:
        options.work = options.work or pathlib.Path(temporary)
        options.work.mkdir(parents=True, exist_ok=True)
        with Viscera(options.executable, options.threads) as viscera:
            for name, part in PARTS.items():
                if not wanted or name in wanted:
                    print(f"compare: {name}", file=sys.stderr)
                    part(options, viscera, results)
    print(results.table())
    results.write(options.output)
    print(f"written: {options.output}")
    if failed := results.failed_parity():
        sys.exit(f"compare: parity fails: {', '.join(failed)}")


if __name__ == "__main__":
    main()
