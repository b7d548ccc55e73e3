"""Named gradients, optimizer steps and the loss of fine-tuning of UNETR, against PyTorch.

Gradients and weights of both sides, in single precision, are held against PyTorch in double precision that takes the same side of every
leaky ReLU's kink as they did (see kinks.py). The batches are blobs whose brightness tells their label.
"""

import torch
from monai.losses import DiceCELoss
from safetensors.torch import load_file, save_file

from . import generated as made
from . import kinks
from .forward import FORWARD_LIMIT
from .networks import CLASSES, WINDOW, hand_over, unetr, used_state
from .viscera import alternate

TRAINING_LIMIT = 1e-4
# Two runs that meet the kinks on different sides part, and which of them meets one first is chance: running free, ours may be three times as
# far from MONAI's single precision as MONAI's double precision is.
SLACK = 3
STEPS, LEARNING_RATE, WEIGHT_DECAY = 5, 1e-4, 1e-5
FINETUNING_STEPS, FINETUNING_BATCH = 20, 4
LOSS = DiceCELoss(to_onehot_y=True, softmax=True)
# Double precision takes 3 GB per trajectory of a network of this size: PyTorch's own error is not measured there.
LARGE = ("base",)


def blobs(options, window, number):
    """Image and label [1, 1, X, Y, Z]."""
    return (torch.from_numpy(array)[None, None] for array in made.blobs((window,) * 3, CLASSES, 1000 * options.seed + number))


def batch(options, window, number):
    """A file with `image` and `label`, and the two."""
    image, label = blobs(options, window, number)
    path = options.work / f"batch-{window}-{number}.safetensors"
    save_file({"image": image, "label": label}, path)
    return path, image, label


def backward(model, image, label):
    """The loss; leaves the gradients at the parameters."""
    model.zero_grad(set_to_none=True)
    loss = LOSS(model(image.to(next(model.parameters()).dtype)), label)
    loss.backward()
    return loss.item()


def backward_on(sides, model, image, label):
    """The same on given sides of the kinks; the loss and how many values were moved to the other side."""
    with kinks.imposed(model, sides) as moved:
        loss = backward(model, image, label)
    return loss, sum(moved)


def gradients(model):
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def optimizer(model):
    return torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)


def errors(found, truth):
    """‖found − truth‖ / ‖truth‖ of every tensor, and of all together."""
    if set(found) != set(truth):
        raise RuntimeError(f"names differ: {sorted(set(found) ^ set(truth))[:5]}")
    gaps = {name: (found[name].double() - t).norm().item() for name, t in truth.items()}
    sizes = {name: t.norm().item() for name, t in truth.items()}
    total = sum(g * g for g in gaps.values()) ** 0.5 / sum(s * s for s in sizes.values()) ** 0.5
    return {name: gaps[name] / max(sizes[name], 1e-30) for name in truth}, total


def compare_training(options, viscera, results):
    torch.set_num_threads(options.threads)
    for size, row, target in (("mini", None, None), ("tiny", "finetune_tiny_step_fp32", None), ("base", "finetune_step_fp32", 2.2)):
        if options.gradient_window > 0 and size in options.gradient_sizes.split(","):
            compare_gradients(size, options, viscera, results)
            compare_steps(size, options, viscera, results)
            if size == "mini":
                compare_finetuning(size, options, viscera, results)
        if options.repeat > 0 and row:
            time_steps(size, row, target, options, viscera, results)


def loaded(name, size, options, viscera):
    """A fresh network, given to viscera-compare too."""
    model = unetr(size, options.seed, options.gradient_window).train()
    hand_over(options, viscera, name, model, "unetr", size, options.gradient_window)
    return model


def compare_gradients(size, options, viscera, results):
    """The loss and every tensor's gradient on one batch."""
    name, window = f"unetr-{size}", options.gradient_window
    model = loaded(name, size, options, viscera)
    target, trace = options.work / "gradients.safetensors", options.work / "activations.safetensors"
    path, image, label = batch(options, window, 0)
    reply = viscera.ask("gradients", network=name, input=path, output=target, activations=trace)
    viscera.ask("unload", network=name)
    with kinks.recorded(model) as their_sides:
        loss = backward(model, image, label)
    exact = unetr(size, options.seed, window).train().double()
    true_loss, moved = backward_on(kinks.read(trace), exact, image, label)
    ours = errors(load_file(target), gradients(exact))
    theirs_moved = backward_on(their_sides, exact, image, label)[1]
    theirs = errors(gradients(model), gradients(exact))
    results.parity(f"{size} loss", abs(reply["loss"] - true_loss) / true_loss, FORWARD_LIMIT, abs(loss - true_loss) / true_loss)
    results.parity(f"{size} gradients: all together", ours[1], TRAINING_LIMIT, theirs[1])
    worst = max(ours[0], key=ours[0].get)
    results.parity(f"{size} gradients: worst of {len(ours[0])} tensors", ours[0][worst], TRAINING_LIMIT, max(theirs[0].values()))
    count = sum(side.numel() for side in their_sides)
    print(f"    worst: {worst}; of {count} values, ours took {moved} and theirs {theirs_moved} to another side of zero than double precision")


class Trajectory:
    """PyTorch in double precision that steps along with somebody."""

    def __init__(self, size, options):
        self.model = unetr(size, options.seed, options.gradient_window).train().double()
        self.start = {name: tensor.clone() for name, tensor in used_state(self.model).items()}
        self.adam = optimizer(self.model)

    def follow(self, sides, image, label):
        backward_on(sides, self.model, image, label)
        self.adam.step()

    def errors_of(self, weights):
        """Of the change: all together. Of the weights: all together, and the worst tensor of those that did not start at zero."""
        truth = used_state(self.model)
        changed = errors({n: weights[n].double() - self.start[n] for n in truth}, {n: truth[n] - self.start[n] for n in truth})[1]
        each, total = errors(weights, truth)
        return changed, total, max(error for name, error in each.items() if self.start[name].any())


def compare_steps(size, options, viscera, results):
    """Five steps of AdamW, each on another batch: AdamW alone on the gradients that ours had, and the whole."""
    name, window = f"unetr-{size}", options.gradient_window
    target, slopes, trace = (options.work / f"{what}.safetensors" for what in ("trained", "gradients", "activations"))
    model, small = loaded(name, size, options, viscera), size not in LARGE
    exact, beside = Trajectory(size, options), Trajectory(size, options) if small else None
    adam, replay = optimizer(model), Trajectory(size, options) if small else None
    for number in range(STEPS):
        path, image, label = batch(options, window, number)
        viscera.ask("gradients", network=name, input=path, output=slopes, activations=trace)
        viscera.ask("steps", network=name, input=path, output=target, count=1, learningRate=LEARNING_RATE, weightDecay=WEIGHT_DECAY)
        exact.follow(kinks.read(trace), image, label)
        if small:
            with kinks.recorded(model) as sides:
                backward(model, image, label)
            adam.step()
            beside.follow(sides, image, label)
            found = load_file(slopes)
            for n, p in replay.model.named_parameters():
                p.grad = found[n].double() if n in found else None
            replay.adam.step()
    viscera.ask("unload", network=name)
    trained = load_file(target)
    ours, theirs = exact.errors_of(trained), beside.errors_of(used_state(model)) if small else (None,) * 3
    if small:
        alone = errors(trained, used_state(replay.model))[0]
        results.parity(f"{size} AdamW alone, {STEPS} steps: worst tensor", max(alone.values()), TRAINING_LIMIT)
    results.parity(f"{size} change in {STEPS} steps", ours[0], TRAINING_LIMIT, theirs[0])
    results.parity(f"{size} weights after {STEPS} steps", ours[1], TRAINING_LIMIT, theirs[1])
    results.parity(f"{size} weights after {STEPS} steps: worst tensor", ours[2], TRAINING_LIMIT, theirs[2])


def descend(model, batches, sides=None):
    """The loss of every step of MONAI's training on the batches, on given sides of the kinks or on its own."""
    adam, losses = optimizer(model), []
    for step in range(FINETUNING_STEPS):
        image, label = batches[f"image.{step}"], batches[f"label.{step}"]
        losses.append(backward(model, image, label) if sides is None else backward_on(sides(step), model, image, label)[0])
        adam.step()
    return losses


def compare_finetuning(size, options, viscera, results):
    """The loss of twenty steps of the training loop against MONAI's, from the same weights on the same batches: on the same sides of the
    kinks, and running free. Running free, MONAI's own distance between single and double precision stands beside ours."""
    name, window = f"unetr-{size}", options.gradient_window
    model = loaded(name, size, options, viscera)
    batches = {}
    for step in range(FINETUNING_STEPS):
        pairs = [blobs(options, window, 100 + FINETUNING_BATCH * step + k) for k in range(FINETUNING_BATCH)]
        batches[f"image.{step}"], batches[f"label.{step}"] = (torch.cat(parts) for parts in zip(*pairs))
    source, trace = options.work / "finetuning.safetensors", options.work / "activations"
    save_file(batches, source)
    ask = dict(network=name, input=source, count=FINETUNING_STEPS, learningRate=LEARNING_RATE, weightDecay=WEIGHT_DECAY)
    ours = viscera.ask("finetune", **ask, activations=trace)["losses"]
    viscera.ask("unload", network=name)
    if len(ours) != FINETUNING_STEPS:
        raise RuntimeError(f"ours took {len(ours)} steps, expected {FINETUNING_STEPS}")
    apart = lambda these, those: max(abs(a - b) / b for a, b in zip(these, those))
    fresh = lambda: unetr(size, options.seed, window).train()
    same = descend(fresh(), batches, lambda step: kinks.read(f"{trace}.{step}"))
    results.parity(f"{size} fine-tuning loss, {FINETUNING_STEPS} steps", apart(ours, same), TRAINING_LIMIT)
    free, exact = descend(model, batches), descend(fresh().double(), batches)
    results.parity(f"{size} the same, running free", apart(ours, free), max(TRAINING_LIMIT, SLACK * apart(free, exact)), apart(free, exact))
    gaps = " ".join(f"{abs(a - b) / b:.0e}" for a, b in zip(ours, free))
    print(f"    the loss went from {free[0]:.4f} to {free[-1]:.4f}; running free, step by step: {gaps}")


def time_steps(size, row, target, options, viscera, results):
    """One step of batch 1 at the published window, again and again on the same batch."""
    name = f"unetr-{size}"
    model = unetr(size, options.seed).train()
    hand_over(options, viscera, name, model, "unetr", size)
    path, image, label = batch(options, WINDOW, 0)
    adam = optimizer(model)

    def step():
        backward(model, image, label)
        adam.step()

    ask = dict(network=name, input=path, count=1, learningRate=LEARNING_RATE, weightDecay=WEIGHT_DECAY)
    viscera.ask("steps", **ask)
    step()
    results.speed(row, *alternate(options.repeat, lambda: viscera.ask("steps", **ask)["seconds"], step), target)
    viscera.ask("unload", network=name)
