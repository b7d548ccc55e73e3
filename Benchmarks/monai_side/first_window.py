"""The start of the tool against that of MONAI, and from the start of a process to the logits of the first window of the shipped model, with all files in the file cache.

The processor time of the two processes stands beside the wall time, which a busy machine stretches. As a program it is MONAI's side: the model file, where the logits go, and the number of threads.
"""

import pathlib
import resource
import subprocess
import sys
import time

LIMIT = 1e-4
STARTS = 10


def compare_start(options, viscera, results):
    """`viscera --version` against the version of MONAI; the median of many, for one takes little."""
    from .viscera import alternate

    def run(*words):
        start = time.perf_counter()
        subprocess.run(list(map(str, words)), check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    ours = lambda: run(options.executable.parent / "viscera", "--version")
    theirs = lambda: run(sys.executable, "-c", "import monai; print(monai.__version__)")
    ours(), theirs()
    results.speed("start", *alternate(STARTS if options.repeat else 0, ours, theirs))


def compare_first_window(options, viscera, results):
    from safetensors.torch import load_file

    from .networks import relative_error
    from .viscera import Viscera, alternate

    ours, theirs = options.work / "first-ours.safetensors", options.work / "first-theirs.safetensors"

    processor = {"ours": [], "theirs": []}

    def processor_seconds():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def our_run():
        before, start = processor_seconds(), time.perf_counter()
        with Viscera(options.executable, options.threads) as fresh:
            fresh.ask("predict", weights=options.model, output=ours)
            seconds = time.perf_counter() - start
        processor["ours"].append(processor_seconds() - before)
        return seconds

    command = [sys.executable, "-m", "monai_side.first_window", options.model, theirs, options.threads]

    def their_run():
        before = processor_seconds()
        subprocess.run(list(map(str, command)), check=True, cwd=pathlib.Path(__file__).resolve().parent.parent)
        processor["theirs"].append(processor_seconds() - before)

    our_run(), their_run()
    results.parity("first_window_error", relative_error(load_file(ours)["output"], load_file(theirs)["output"]), LIMIT)
    results.speed("first_window", *alternate(options.repeat, our_run, their_run))
    results.speed("first_window, processor time", *(times[1:] for times in processor.values()))


def main(model, output, threads):
    import torch
    from safetensors.torch import save_file

    from .validation import shipped

    torch.set_num_threads(int(threads))
    network, window, _ = shipped(model)
    with torch.inference_mode():
        save_file({"output": network(torch.zeros(1, 1, *window))}, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
