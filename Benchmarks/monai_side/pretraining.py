"""The random transforms of pre-training, voxel by voxel, and the loss over twenty steps."""

import torch
from monai.losses import ContrastiveLoss
from monai.transforms import RandCoarseDropout, RandCoarseShuffle, RandSpatialCropSamples
from safetensors.torch import load_file, save_file

from . import networks
from .memory import peak_bytes, reset_peak
from .viscera import alternate

SHAPE, LOSS_LIMIT, STEPS, CROPS, RATE = (96, 96, 96), 1e-4, 20, 2, 1e-4

# The published numbers, as in Sources/Learning/Pretraining/Corruption.
TRANSFORMS = {
    "inner": lambda: RandCoarseDropout(holes=6, spatial_size=5, max_spatial_size=32, dropout_holes=True, prob=1),
    "outer": lambda: RandCoarseDropout(holes=6, spatial_size=20, max_spatial_size=64, dropout_holes=False, prob=1),
    "shuffle": lambda: RandCoarseShuffle(holes=10, spatial_size=8, prob=0.8),
    "crop": lambda: RandSpatialCropSamples(roi_size=[n // 2 for n in SHAPE], num_samples=1, random_size=False),
}


def transformed(name, image, seed):
    transform = TRANSFORMS[name]()
    transform.set_random_state(seed)
    result = transform(image.clone())
    result = result[0] if isinstance(result, list) else result
    return torch.as_tensor(result).as_subclass(torch.Tensor).contiguous()


def phantom(generator):
    """A smooth image of [0, 1], so that there is something to restore."""
    coarse = torch.rand((1, 1, 6, 6, 6), generator=generator)
    return torch.nn.functional.interpolate(coarse, SHAPE, mode="trilinear")[0].clamp(0, 1)


def compare_transforms(options, viscera, results):
    image = torch.rand((1, *SHAPE), generator=torch.Generator().manual_seed(options.seed))
    source, target = options.work / "patch.safetensors", options.work / "corrupted.safetensors"
    save_file({"image": image}, source)
    for name in TRANSFORMS:
        differing = 0
        for seed in range(options.seed, options.seed + 5):
            viscera.ask("corrupt", transform=name, seed=seed, input=source, output=target)
            ours, theirs = load_file(target)["image"], transformed(name, image, seed)
            differing += (ours != theirs).sum().item() if ours.shape == theirs.shape else theirs.numel()
        results.parity(f"corruption_{name}_differing_voxels", differing, 0)


def save_batches(options, steps, crops):
    """A file of batches: clean crops, each with an inner and an outer cutout; and the batches."""
    generator = torch.Generator().manual_seed(options.seed + 3)
    batches = {}
    for step in range(steps):
        clean = [phantom(generator) for _ in range(crops)]
        for key, kind in (("clean", None), ("first", "inner"), ("second", "outer")):
            views = [transformed(kind, c, 100 * step + i) if kind else c for i, c in enumerate(clean)]
            batches[f"{key}.{step}"] = torch.stack(views).contiguous()
    source = options.work / f"batches-{steps}-{crops}.safetensors"
    save_file(batches, source)
    return source, batches


def descend(model, optimizer, batches, step):
    """One step of the published pre-training; the loss."""
    first, second = model(batches[f"first.{step}"])[0], model(batches[f"second.{step}"])[0]
    reconstruction = (first - batches[f"clean.{step}"]).abs().mean()
    total = reconstruction * (1 + ContrastiveLoss(temperature=0.05)(first.flatten(1), second.flatten(1)))
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    optimizer.step()
    return total.item()


def compare_losses(options, viscera, results):
    """Both sides take the same steps on the same batches: two crops, each with an inner and an outer cutout."""
    model = networks.autoencoder("mini", options.seed).train()
    networks.hand_over(options, viscera, "pretraining", model, "autoencoder", "mini")
    source, batches = save_batches(options, STEPS, CROPS)
    reply = viscera.ask("pretrain", network="pretraining", input=source, count=STEPS, learningRate=RATE)
    torch.set_num_threads(options.threads)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    worst = 0.0
    for step, ours in enumerate(reply["losses"]):
        theirs = descend(model, optimizer, batches, step)
        worst = max(worst, abs(ours - theirs) / abs(theirs))
    results.parity("pretrain_loss_20_steps", worst, LOSS_LIMIT)
    viscera.ask("unload", network="pretraining")


def compare_pretraining(options, viscera, results):
    compare_transforms(options, viscera, results)
    compare_losses(options, viscera, results)


def compare_step(options, viscera, results):
    """One step of the published auto-encoder on crops of 96³, two views of each: time, and the peak memory of the process; then ours crop by
    crop (`--micro-batch 1`), which changes no gradient."""
    model = networks.autoencoder("base", options.seed).train()
    networks.hand_over(options, viscera, "autoencoder-base", model, "autoencoder", "base")
    source, batches = save_batches(options, 1, options.pretraining_batch)
    torch.set_num_threads(options.threads)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    replies = []

    def ours(**more):
        replies.append(viscera.ask("pretrain", network="autoencoder-base", input=source, count=1, learningRate=RATE, **more))
        return replies[-1]["seconds"]

    reset_peak()
    our_times, their_times = alternate(max(options.repeat, 1), ours, lambda: descend(model, optimizer, batches, 0))
    their_peak, our_peak = peak_bytes(), max(reply.get("peakBytes") or 0 for reply in replies)
    results.speed("pretrain_step", our_times, their_times, 1.8)
    if our_peak and their_peak:
        results.measure("pretrain_step_memory", "memory", our_peak, their_peak, 2.0)
    sparing = [ours(microBatch=1)]
    results.speed("pretrain_step, crop by crop", sparing, their_times)
    if our_peak and their_peak:
        results.measure("pretrain_step_memory, crop by crop", "memory", replies[-1]["peakBytes"], their_peak, 2.0)
    viscera.ask("unload", network="autoencoder-base")
