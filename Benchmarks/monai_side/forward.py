"""Forward passes of UNETR and of the pre-training auto-encoder: results and time, in single precision and in bfloat16; training steps in bfloat16."""

import time

import torch
from monai.losses import DiceCELoss
from safetensors.torch import load_file, save_file

from .networks import CLASSES, WINDOW, autoencoder, hand_over, relative_error, unetr
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
        viscera.ask("unload", network=name)


def compare_bfloat16(options, viscera, results):
    """Inference and training under autocast, the peer in the layout that is faster for it; the result in single precision is the reference.

    Ours computes in what `--precision bf16` gives a user: single precision where the processor has no matrix units for bfloat16."""
    size, edge = options.bfloat16_size, options.bfloat16_window
    suffix = "" if (size, edge) == ("base", WINDOW) else f" ({size}, {edge}³)"
    name, model = f"bfloat16-{size}", unetr(size, options.seed, edge).eval()
    hand_over(options, viscera, name, model, "unetr", size, edge)
    image = torch.randn(1, 1, edge, edge, edge, generator=torch.Generator().manual_seed(options.seed + 1))
    label = torch.randint(0, CLASSES, image.shape, generator=torch.Generator().manual_seed(options.seed + 2))
    source, target = options.work / "input.safetensors", options.work / "output.safetensors"
    save_file({"image": image, "label": label}, source)
    torch.set_num_threads(options.threads)
    with torch.inference_mode():
        single = model(image)

    def their_forward(layout):
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return model(image.to(memory_format=layout))

    seconds = {}
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        model = model.to(memory_format=layout)
        start = time.perf_counter()
        theirs = relative_error(their_forward(layout), single)
        seconds[layout] = time.perf_counter() - start
        print(f"    {layout}: {seconds[layout]:.1f} s", flush=True)
    layout = min(seconds, key=seconds.get)
    model = model.to(memory_format=layout)
    ask = lambda kind, **more: viscera.ask(kind, network=name, input=source, precision="bf16", **more)["seconds"]
    ask("forward", output=target)
    ours = relative_error(load_file(target)["output"], single)
    results.parity("unetr_forward_bf16_error" + suffix, ours, BFLOAT16_SLACK * theirs, theirs)
    results.speed("unetr_forward_bf16" + suffix, *alternate(options.repeat, lambda: ask("forward"), lambda: their_forward(layout)), 2.0)

    adam, loss = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-5), DiceCELoss(to_onehot_y=True, softmax=True)

    def their_step():
        adam.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(image.to(memory_format=layout))
        loss(logits.float(), label).backward()
        adam.step()

    our_step = lambda: ask("steps", count=1, learningRate=1e-4, weightDecay=1e-5)
    results.speed("finetune_step_bf16" + suffix, *alternate(options.repeat, our_step, their_step), 2.0)
    viscera.ask("unload", network=name)
