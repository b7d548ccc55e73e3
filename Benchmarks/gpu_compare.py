"""Puts Viscera's network on the GPU beside MONAI's: parity in single precision without TF32, then times of both at their best.

MONAI runs under autocast (bfloat16), channels-last, and compiled by torch.compile where that works; Viscera in bfloat16. Called by
Scripts/gpu-check; prints a table and writes it, and fails when a parity row fails.
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time

os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")  # of this process and of viscera-compare, for the parity rows
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import torch  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from monai_side.networks import CLASSES, WINDOW, configuration, relative_error, unetr, used_state  # noqa: E402
from monai_side.results import Results  # noqa: E402
from monai_side.training import LEARNING_RATE, WEIGHT_DECAY, backward, optimizer  # noqa: E402
from monai_side.viscera import Viscera  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARITY_LIMIT = 1e-4


def timed(run, repeat):
    """Seconds of `repeat` runs after two that do not count; the device is waited for."""
    for _ in range(2):
        run()
    times = []
    for _ in range(repeat):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return times


def compiled(model):
    """The model by torch.compile, or as it is where that fails, with what was taken."""
    try:
        result = torch.compile(model)
        with torch.inference_mode(), torch.autocast("cuda", torch.bfloat16):
            result(torch.zeros(1, 1, WINDOW, WINDOW, WINDOW, device="cuda"))
        return result, "compiled"
    except Exception as error:  # whatever the compiler stumbles over is its own affair
        print(f"gpu-compare: torch.compile does not take MONAI's UNETR: {type(error).__name__}", file=sys.stderr)
        return model, "eager"


def fastest(times_by_way):
    """The way with the least median."""
    return min(times_by_way.items(), key=lambda item: sorted(item[1])[len(item[1]) // 2])


def compare_forward(options, viscera, results, model, image, source):
    target = options.work / "output.safetensors"
    with torch.inference_mode():
        theirs = model(image)
        viscera.ask("forward", network="base", input=source, output=target)
        results.parity("gpu_unetr_forward_fp32_error", relative_error(load_file(target)["output"], theirs.cpu()), PARITY_LIMIT)
        ways = {}
        last, last_image = model.to(memory_format=torch.channels_last_3d), image.to(memory_format=torch.channels_last_3d)
        fast, kind = compiled(last)
        for name, network in (("eager", last), (kind, fast)):
            def run(network=network):
                with torch.autocast("cuda", torch.bfloat16):
                    network(last_image)
            ways[name] = timed(run, options.repeat)
    way, theirs = fastest(ways)
    ask = dict(network="base", input=source, precision="bf16")
    ours = [viscera.ask("forward", **ask)["seconds"] for _ in range(options.repeat + 2)][2:]
    results.speed(f"gpu_unetr_forward_bf16 (theirs: {way})", ours, theirs, 2.5)


def compare_step(options, viscera, results, model, image, label, source):
    model = model.train()
    adam = optimizer(model)

    def step():
        with torch.autocast("cuda", torch.bfloat16):
            backward(model, image, label)
        adam.step()

    torch.cuda.reset_peak_memory_stats()
    theirs = timed(step, options.repeat)
    ask = dict(network="base", input=source, count=1, learningRate=LEARNING_RATE, weightDecay=WEIGHT_DECAY, precision="bf16")
    ours = [viscera.ask("steps", **ask)["seconds"] for _ in range(options.repeat + 2)][2:]
    results.speed("gpu_finetune_step_bf16", ours, theirs, 2.0)
    print(f"gpu-compare: peak memory of MONAI's step: {torch.cuda.max_memory_allocated() / 1e9:.2f} GB", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--executable", type=pathlib.Path, default=ROOT / ".build/release/viscera-compare")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".build/gpu-compare.json")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("gpu-compare: PyTorch finds no CUDA device")
    if not options.executable.is_file():
        sys.exit(f"gpu-compare: {options.executable} is missing: run 'make build'")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results = Results()
    with tempfile.TemporaryDirectory(prefix="viscera-gpu-") as work, Viscera(options.executable, 4) as viscera:
        options.work = pathlib.Path(work)
        model = unetr("base", options.seed)
        weights, source = options.work / "base.safetensors", options.work / "input.safetensors"
        save_file(used_state(model), weights)
        draw = torch.Generator().manual_seed(options.seed + 1)
        image = torch.randn(1, 1, WINDOW, WINDOW, WINDOW, generator=draw)
        label = torch.randint(0, CLASSES, (1, 1, WINDOW, WINDOW, WINDOW), generator=draw)
        save_file({"image": image, "label": label}, source)
        viscera.ask("load", network="base", architecture="unetr", configuration=configuration("base"), weights=weights, device="cuda")
        model = model.cuda().eval()
        compare_forward(options, viscera, results, model, image.cuda(), source)
        compare_step(options, viscera, results, model, image.cuda(), label.cuda(), source)
    print(results.table())
    results.write(options.output)
    if failed := results.failed_parity():
        sys.exit(f"gpu-compare: parity fails: {', '.join(failed)}")


if __name__ == "__main__":
    main()
