"""The networks of the comparison, and how Viscera is handed the same ones."""

import torch
from monai.networks.nets import UNETR, ViT, ViTAutoEnc
from safetensors.torch import save_file

CLASSES, WINDOW = 14, 96

# As UNETRConfiguration in Sources/Models.
SIZES = {
    "base": dict(hiddenSize=768, mlpSize=3072, headCount=12, layerCount=12, featureSize=16),
    "tiny": dict(hiddenSize=192, mlpSize=768, headCount=6, layerCount=8, featureSize=16),
    "mini": dict(hiddenSize=48, mlpSize=96, headCount=4, layerCount=12, featureSize=8),
}


def configuration(size, window=WINDOW):
    """What viscera-compare is told about a network."""
    return dict(inChannels=1, outChannels=CLASSES, imageShape=[window] * 3, patchProjection="conv", **SIZES[size])


def unetr(size, seed, window=WINDOW):
    """MONAI's UNETR with fresh weights; fewer than 12 layers are tapped at the quarters of the depth."""
    torch.manual_seed(seed)
    c = SIZES[size]
    common = dict(hidden_size=c["hiddenSize"], mlp_dim=c["mlpSize"], num_heads=c["headCount"], proj_type="conv")
    model = UNETR(1, CLASSES, (window,) * 3, feature_size=c["featureSize"], norm_name="instance", res_block=True, **common)
    if c["layerCount"] != 12:
        model.vit = ViT(1, (window,) * 3, (16,) * 3, num_layers=c["layerCount"], classification=False, **common)
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


def hand_over(options, viscera, name, model, architecture, size, window=WINDOW):
    """Writes the weights and has viscera-compare build the same network."""
    path = options.work / f"{name}.safetensors"
    save_file(used_state(model), path)
    viscera.ask("load", network=name, architecture=architecture, configuration=configuration(size, window), weights=path)
    return path


def relative_error(ours, theirs):
    """‖ours − theirs‖ / ‖theirs‖ in double precision."""
    ours, theirs = ours.double(), theirs.double()
    return ((ours - theirs).norm() / theirs.norm().clamp_min(1e-30)).item()
