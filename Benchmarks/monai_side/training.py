"""Named gradients and optimizer steps of UNETR, both sides in single precision against PyTorch in double precision.

The batches are blobs whose brightness tells their label; for the gradients, one of them that keeps clear of the kinks.
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
# Where single precision itself cannot meet the limit, ours may be off by this many times PyTorch's own error.
SLACK = 1.5
# Adam scales every element by its own history: an element whose gradient is smaller than the error of its tensor, a share of δ
# for a relative error of δ, steps the wrong way. A value on the other side of a kink makes δ 1e-3 to 1e-2 (see kinks.py), which turns
# 2√δ of the change, 0.06 to 0.2, and the weights by the part of them that the change is, some 0.8 %.
CHANGE_LIMIT = 0.2
STEPS, LEARNING_RATE, WEIGHT_DECAY = 5, 1e-4, 1e-5
LOSS = DiceCELoss(to_onehot_y=True, softmax=True)


def batch(options, window, number):
    """A file with `image` and `label`, and the two."""
    image, label = (torch.from_numpy(array)[None, None] for array in made.blobs((window,) * 3, CLASSES, 1000 * options.seed + number))
    path = options.work / f"batch-{window}-{number}.safetensors"
    save_file({"image": image, "label": label}, path)
    return path, image, label


def clear_batch(options, window, model, exact):
    """Of --candidates batches the one that keeps farthest from the kinks of the networks as they are now."""
    candidates = range(options.candidates)
    distance, number = max((kinks.clearance(model, exact, batch(options, window, n)[1]), n) for n in candidates)
    print(f"    batch {number} keeps {distance:.1f} rounding errors away from the kinks", flush=True)
    return batch(options, window, number)


def backward(model, image, label):
    """The loss; leaves the gradients at the parameters."""
    model.zero_grad(set_to_none=True)
    loss = LOSS(model(image.to(next(model.parameters()).dtype)), label)
    loss.backward()
    return loss.item()


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


def report(results, what, ours, theirs, truth):
    """A row for all tensors together, one for the worst tensor, and one for those in which PyTorch itself exceeds the limit."""
    (our_errors, our_total), (their_errors, their_total) = errors(ours, truth), errors(theirs, truth)
    results.parity(f"{what}: all together", our_total, max(TRAINING_LIMIT, SLACK * their_total), their_total)
    hard = [name for name, error in their_errors.items() if error > TRAINING_LIMIT]
    rest = [name for name in truth if name not in hard]
    worst = max(rest, key=our_errors.get)
    results.parity(f"{what}: worst of {len(rest)} tensors", our_errors[worst], TRAINING_LIMIT, max(their_errors[name] for name in rest))
    print(f"    worst: {worst}")
    if hard:
        ratios = {name: our_errors[name] / their_errors[name] for name in hard}
        worst = max(hard, key=ratios.get)
        results.parity(f"{what}: other {len(hard)}, times PyTorch's own error", ratios[worst], SLACK)
        print(f"    worst: {worst}, ours {our_errors[worst]:.1e}, theirs {their_errors[worst]:.1e}")


def compare_training(options, viscera, results):
    torch.set_num_threads(options.threads)
    if options.gradient_window > 0:
        explain(options, results)
    for size, row, target in (("mini", None, None), ("tiny", "finetune_tiny_step_fp32", None), ("base", "finetune_step_fp32", 2.2)):
        if options.gradient_window > 0 and size in options.gradient_sizes.split(","):
            compare_gradients(size, options, viscera, results)
        if options.repeat > 0 and row:
            time_steps(size, row, target, options, viscera, results)


def explain(options, results):
    """PyTorch's single precision against its double precision on an arbitrary batch: as they are, and on the same sides of the kinks."""
    window = options.gradient_window
    model, exact = unetr("tiny", options.seed, window), unetr("tiny", options.seed, window).double()
    _, image, label = batch(options, window, 0)
    sides = []
    with kinks.recorded(model, sides):
        backward(model, image, label)
    backward(exact, image, label)
    free = errors(gradients(model), gradients(exact))[0]
    with kinks.imposed(exact, sides) as moved:
        backward(exact, image, label)
    same = errors(gradients(model), gradients(exact))[0]
    results.parity("PyTorch on the same side of each kink", max(same.values()), TRAINING_LIMIT, max(free.values()))
    print(f"    theirs: without that; {sum(moved)} of {sum(side.numel() for side in sides)} values lay on the other side")


def compare_gradients(size, options, viscera, results):
    name, window = f"unetr-{size}", options.gradient_window
    model = unetr(size, options.seed, window).train()
    hand_over(options, viscera, name, model, "unetr", size, window)
    exact = unetr(size, options.seed, window).train().double()
    target = options.work / "trained.safetensors"
    path, image, label = clear_batch(options, window, model, exact)
    loss, true_loss = backward(model, image, label), backward(exact, image, label)
    reply = viscera.ask("gradients", network=name, input=path, output=target)
    results.parity(f"{size} loss", abs(reply["loss"] - true_loss) / true_loss, FORWARD_LIMIT, abs(loss - true_loss) / true_loss)
    report(results, f"{size} gradients", load_file(target), gradients(model), gradients(exact))

    compare_steps(name, size, model, exact, options, viscera, results)
    viscera.ask("unload", network=name)


def compare_steps(name, size, model, exact, options, viscera, results):
    """Five steps of AdamW, each on another batch: AdamW alone on the gradients that ours had, and the whole against both sides."""
    window, target, slopes = options.gradient_window, options.work / "trained.safetensors", options.work / "gradients.safetensors"
    replay = unetr(size, options.seed, window).double()
    start = {n: t.clone() for n, t in used_state(exact).items()}
    sides = [(side, optimizer(side)) for side in (model, exact)]
    replaying = optimizer(replay)
    for number in range(STEPS):
        path, image, label = batch(options, window, number)
        for side, adam in sides:
            backward(side, image, label)
            adam.step()
        viscera.ask("gradients", network=name, input=path, output=slopes)
        viscera.ask("steps", network=name, input=path, output=target, count=1, learningRate=LEARNING_RATE, weightDecay=WEIGHT_DECAY)
        found = load_file(slopes)
        for n, p in replay.named_parameters():
            p.grad = found[n].double() if n in found else None
        replaying.step()
    ours, theirs, truth = load_file(target), used_state(model), used_state(exact)
    results.parity(f"{size} AdamW alone, {STEPS} steps: worst tensor", max(errors(ours, used_state(replay))[0].values()), TRAINING_LIMIT)
    moved = lambda side: {n: side[n].double() - start[n] for n in start}
    (_, ours_changed), (_, theirs_changed) = errors(moved(ours), moved(truth)), errors(moved(theirs), moved(truth))
    (_, ours_weighs), (_, theirs_weighs) = errors(ours, truth), errors(theirs, truth)
    limit = max(CHANGE_LIMIT, SLACK * theirs_changed)
    results.parity(f"{size} change in {STEPS} steps", ours_changed, limit, theirs_changed)
    # The same gap in proportion to the weights instead of their change, and its limit with it.
    results.parity(f"{size} weights after {STEPS} steps", ours_weighs, limit * ours_weighs / ours_changed, theirs_weighs)


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
