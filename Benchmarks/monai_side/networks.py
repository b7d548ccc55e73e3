"""Forward, named gradients and optimizer steps of UNETR and of the pre-training auto-encoder."""

import torch
from monai.losses import DiceCELoss
from monai.networks.nets import UNETR, ViT, ViTAutoEnc
from safetensors.torch import load_file, save_file

from .viscera import alternate

FORWARD_LIMIT, TRAINING_LIMIT = 1e-5, 1e-4
CLASSES, WINDOW = 14, 96

# As UNETRConfiguration in Sources/Models.
SIZES = {
    "base": dict(hiddenSize=768, mlpSize=3072, headCount=12, layerCount=12, featureSize=16),
    "tiny": dict(hiddenSize=192, mlpSize=768, headCount=6, layerCount=8, featureSize=16),
    "mini": dict(hiddenSize=48, mlpSize=96, headCount=4, layerCount=12, featureSize=8),
}


def configuration(size):
    """What viscera-compare is told about a network."""
    return dict(inChannels=1, outChannels=CLASSES, imageShape=[WINDOW] * 3, patchProjection="conv", **SIZES[size])


def unetr(size, seed):
    """MONAI's UNETR with fresh weights; fewer than 12 layers are tapped at the quarters of the depth."""
    torch.manual_seed(seed)
    c = SIZES[size]
    common = dict(hidden_size=c["hiddenSize"], mlp_dim=c["mlpSize"], num_heads=c["headCount"], proj_type="conv")
    model = UNETR(1, CLASSES, (WINDOW,) * 3, feature_size=c["featureSize"], norm_name="instance", res_block=True, **common)
    if c["layerCount"] != 12:
        model.vit = ViT(1, (WINDOW,) * 3, (16,) * 3, num_layers=c["layerCount"], classification=False, **common)
        plain = model.vit.forward

        def tapped(x):
            tokens, states = plain(x)
            return tokens, {monai: states[quarter * c["layerCount"] // 4] for monai, quarter in ((3, 1), (6, 2), (9, 3))}

        model.vit.forward = tapped
    return model


def autoencoder(size, seed):
    torch.manual_seed(seed)
    c = SIZES[size]
    return ViTAutoEnc(
        1, (WINDOW,) * 3, (16,) * 3, hidden_size=c["hiddenSize"], mlp_dim=c["mlpSize"], num_heads=c["headCount"],
        num_layers=c["layerCount"], proj_type="conv")


def used_state(model):
    """The state dictionary without the cross-attention norms, which MONAI creates and never uses."""
    return {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items() if "cross_attn" not in name}


def hand_over(options, viscera, name, model, architecture, size):
    """Writes the weights and has viscera-compare build the same network."""
    path = options.work / f"{name}.safetensors"
    save_file(used_state(model), path)
    viscera.ask("load", network=name, architecture=architecture, configuration=configuration(size), weights=path)
    return path


def relative_error(ours, theirs):
    """‖ours − theirs‖ / ‖theirs‖ in double precision."""
    ours, theirs = ours.double(), theirs.double()
    return ((ours - theirs).norm() / theirs.norm().clamp_min(1e-30)).item()


def worst_error(ours, theirs):
    """The largest relative error over names that must be the same on both sides."""
    if set(ours) != set(theirs):
        raise RuntimeError(f"names differ: {sorted(set(ours) ^ set(theirs))[:5]}")
    # Tensors whose values are rounding noise (biases before a norm) are measured against the whole.
    floor = 1e-6 * max(t.double().norm().item() for t in theirs.values())
    return max((ours[n].double() - t.double()).norm().item() / max(t.double().norm().item(), floor) for n, t in theirs.items())


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
        with torch.inference_mode():
            theirs = model(image) if architecture == "unetr" else model(image)[0]
            viscera.ask("forward", network=name, input=source, output=target_file)
            results.parity(f"{row}_error", relative_error(load_file(target_file)["output"], theirs), FORWARD_LIMIT)
            times = alternate(options.repeat, lambda: viscera.ask("forward", network=name, input=source)["seconds"], lambda: model(image))
        results.speed(row, *times, target)
        viscera.ask("unload", network=name)


def compare_training(options, viscera, results):
    for name, size, row, target in (("unetr-tiny", "tiny", "finetune_tiny_step_fp32", None), ("unetr-base", "base", "finetune_step_fp32", 2.2)):
        model = unetr(size, options.seed).train()
        weights = hand_over(options, viscera, name, model, "unetr", size)
        generator = torch.Generator().manual_seed(options.seed + 2)
        image = torch.randn(1, 1, WINDOW, WINDOW, WINDOW, generator=generator)
        label = torch.randint(0, CLASSES, (1, 1, WINDOW, WINDOW, WINDOW), generator=generator)
        source, target_file = options.work / "batch.safetensors", options.work / "trained.safetensors"
        save_file({"image": image, "label": label}, source)
        loss_function = DiceCELoss(to_onehot_y=True, softmax=True)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-5)

        def backward():
            optimizer.zero_grad(set_to_none=True)
            loss = loss_function(model(image), label)
            loss.backward()
            return loss

        def step():
            backward()
            optimizer.step()

        loss = backward().item()
        theirs = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
        reply = viscera.ask("gradients", network=name, input=source, output=target_file)
        results.parity(f"{size}_loss_error", abs(reply["loss"] - loss) / abs(loss), FORWARD_LIMIT)
        results.parity(f"{size}_gradients_error", worst_error(load_file(target_file), theirs), TRAINING_LIMIT)

        train = dict(network=name, input=source, learningRate=1e-4, weightDecay=1e-5)
        viscera.ask("steps", count=5, output=target_file, **train)
        for _ in range(5):
            step()
        theirs = {n: t for n, t in used_state(model).items()}
        results.parity(f"{size}_weights_after_5_steps_error", worst_error(load_file(target_file), theirs), TRAINING_LIMIT)
        viscera.ask("load", network=name, architecture="unetr", configuration=configuration(size), weights=weights)
        results.speed(row, *alternate(options.repeat, lambda: viscera.ask("steps", count=1, **train)["seconds"], step), target)
        viscera.ask("unload", network=name)
