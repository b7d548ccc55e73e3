"""Leaky ReLUs near zero, where single and double precision may take different sides.

One such value among millions changes the gradient of everything before it by about 1/√(number of values), 1e-3 at 32³ voxels:
the derivative jumps. Gradients are therefore compared with double precision made to take the sides that single precision took:
what is left is rounding.
"""

import contextlib

import torch
from safetensors.torch import load_file


def activations(model):
    return [module for module in model.modules() if isinstance(module, torch.nn.LeakyReLU)]


@contextlib.contextmanager
def recorded(model):
    """Gives a list of the sides of zero on which the values lie, one tensor per leaky ReLU in the order in which they run."""
    sides = []
    hooks = [a.register_forward_pre_hook(lambda _, inputs: sides.append(inputs[0].detach() > 0)) for a in activations(model)]
    yield sides
    for hook in hooks:
        hook.remove()


def read(path):
    """The same of viscera-compare, which writes what leaves the leaky ReLUs: that has the sign of what goes in."""
    traced = load_file(path)
    return [traced[name] > 0 for name in sorted(traced)]


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
    if len(moved) != len(sides):
        raise RuntimeError(f"{len(sides)} leaky ReLUs were recorded, {len(moved)} have run")
