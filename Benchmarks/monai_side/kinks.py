"""Leaky ReLUs near zero, where single and double precision may take different sides.

One such value among millions changes the gradient of everything before it by about 1/√(number of values), 1e-3 at 32³ voxels:
the derivative jumps. Gradients are therefore compared on a batch that keeps clear of the kinks, and `impose` shows the cause.
"""

import contextlib

import torch


def activations(model):
    return [module for module in model.modules() if isinstance(module, torch.nn.LeakyReLU)]


def values(model, image):
    """What goes into each leaky ReLU."""
    found = []
    hooks = [a.register_forward_pre_hook(lambda _, inputs: found.append(inputs[0].clone())) for a in activations(model)]
    with torch.inference_mode():
        model(image)
    for hook in hooks:
        hook.remove()
    return found


def clearance(model, exact, image):
    """The least magnitude of a value before a leaky ReLU, in multiples of the rounding error (RMS) at that leaky ReLU."""
    pairs = zip(values(model, image), values(exact, image.double()))
    return min((x.abs().min() / (rounded - x).square().mean().sqrt()).item() for rounded, x in pairs)


@contextlib.contextmanager
def recorded(model, sides):
    """Appends to `sides` on which side of zero each value lies."""
    hooks = [a.register_forward_pre_hook(lambda _, inputs: sides.append(inputs[0].detach() > 0)) for a in activations(model)]
    yield
    for hook in hooks:
        hook.remove()


@contextlib.contextmanager
def imposed(model, sides):
    """Has each value treated as if it lay on the recorded side; gives a list of how many lie on the other."""
    moved, turn = [], iter(sides)

    def impose(activation, inputs, _):
        side = next(turn)
        moved.append((side != (inputs[0].detach() > 0)).sum().item())
        return torch.where(side, inputs[0], activation.negative_slope * inputs[0])

    for activation in activations(model):
        activation.inplace = False
    hooks = [a.register_forward_hook(impose) for a in activations(model)]
    yield moved
    for hook in hooks:
        hook.remove()
