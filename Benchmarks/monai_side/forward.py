"""Forward passes of UNETR and of the pre-training auto-encoder: results and time, in single precision and in bfloat16."""

import torch
from safetensors.torch import load_file, save_file

from .networks import WINDOW, autoencoder, hand_over, relative_error, unetr
from .viscera import alternate

FORWARD_LIMIT = 1e-5
# bfloat16 keeps 8 bits: its error against single precision may exceed that of PyTorch's own bfloat16 by a quarter.
BFLOAT16_SLACK = 1.25


def compare_forward(options, viscera, results):
    for name, architecture, size, row, target in (
        ("unetr-base", "unetr", "base", "unetr_forward_fp32", 2.2),
        ("unetr-tiny", "unetr", "tiny", "unetr_tiny_forward_fp32", None),
        ("autoencoder-base", "autoencoder", "base", "autoencoder_forward_fp32", None),
    ):
        model = (unetr if architecture == "unetr" else autoencoder)(size, options.seed).eval()
        hand_over(options, viscera, name, model, architecture, size)
        image = torch.randn(1, 1, WINDOW, WINDOW, WINDOW, generator=torch.Generator().manual_seed(options.seed + 1))
        source, target_file = options.work / "input.safetensors", options.work / "output.safetensors"
        save_file({"image": image}, source)
        torch.set_num_threads(options.threads)
        run = (lambda: model(image)) if architecture == "unetr" else (lambda: model(image)[0])
        with torch.inference_mode():
            theirs = run()
            viscera.ask("forward", network=name, input=source, output=target_file)
            results.parity(f"{row}_error", relative_error(load_file(target_file)["output"], theirs), FORWARD_LIMIT)
            times = alternate(options.repeat, lambda: viscera.ask("forward", network=name, input=source)["seconds"], run)
            results.speed(row, *times, target)
            if name == "unetr-base":
                compare_bfloat16(options, viscera, results, name, source, target_file, run, theirs)
        viscera.ask("unload", network=name)


def compare_bfloat16(options, viscera, results, name, source, target_file, run, single):
    """Under autocast on both sides; the result of single precision is the reference."""

    def their_run():
        with torch.autocast("cpu", torch.bfloat16):
            return run()

    theirs = relative_error(their_run(), single)
    viscera.ask("forward", network=name, input=source, output=target_file, precision="bf16")
    ours = relative_error(load_file(target_file)["output"], single)
    results.parity("unetr_forward_bf16_error", ours, BFLOAT16_SLACK * theirs, theirs)
    our_run = lambda: viscera.ask("forward", network=name, input=source, precision="bf16")["seconds"]
    results.speed("unetr_forward_bf16", *alternate(options.repeat, our_run, their_run), 2.2)
