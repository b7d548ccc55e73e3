"""Sliding-window validation: `viscera validate` with the shipped model on labelled phantoms against MONAI's inferer and metric.

Both published protocols: Dice on the resampled grid (argmax of the logits) and on the files' own (softmax, inverse, argmax).
"""

import json
import subprocess

import numpy
import torch
from monai.data import decollate_batch, list_data_collate
from monai.inferers import sliding_window_inference
from monai.metrics import DiceMetric
from monai.networks.utils import one_hot
from monai.transforms import (
    Compose, CopyItemsd, CropForegroundd, EnsureChannelFirstd, Invertd, LoadImaged, Orientationd, ScaleIntensityRanged, Spacingd)
from safetensors import safe_open
from safetensors.torch import load_file

from .networks import SIZES, unetr

DICE_LIMIT = 1e-4
# Coarse and anisotropic grids, none of them the model's own.
SPACINGS = ("3", "2.5,3.5,5")
GRIDS = ("resampled", "original")


def shipped(path):
    """MONAI's network with the weights of a model file, its window and its recipe."""
    with safe_open(path, "pt") as file:
        described = {key: json.loads(file.metadata()[key]) for key in ("architecture", "recipe")}
    architecture = described["architecture"]
    SIZES["shipped"] = {key: architecture[key] for key in SIZES["base"]}
    window = architecture["imageShape"]
    network = unetr("shipped", 0, window[0]).eval()
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    missing, unexpected = network.load_state_dict(weights, strict=False)
    if unexpected or any("cross_attn" not in name for name in missing):
        raise RuntimeError(f"{path} does not fit MONAI's UNETR: missing {missing[:3]}, unexpected {unexpected[:3]}")
    return network, window, described["recipe"]


def preprocessing(recipe):
    """The recipe in MONAI's transforms; `original` is the label as it is in the file."""
    keys, low, high = ("image", "label"), recipe["intensity"]["lower"], recipe["intensity"]["upper"]
    return Compose(
        [
            LoadImaged(keys=keys),
            EnsureChannelFirstd(keys=keys),
            CopyItemsd(keys="label", names="original"),
            Orientationd(keys=keys, axcodes=recipe["orientation"]),
            Spacingd(keys=keys, pixdim=recipe["spacing"], mode=("bilinear", "nearest")),
            ScaleIntensityRanged(keys="image", a_min=low, a_max=high, b_min=0, b_max=1, clip=True),
            CropForegroundd(keys=keys, source_key="image", allow_smaller=True),
        ]
    )


@torch.inference_mode()
def their_scores(items, network, window, recipe):
    """Per grid the Dice of every case and class [cases, classes] and the published mean with background."""
    transform = preprocessing(recipe)
    invert = Invertd(keys="pred", transform=transform, orig_keys="image", nearest_interp=False, to_tensor=True)
    metrics = {grid: DiceMetric(include_background=True, reduction="mean") for grid in GRIDS}
    for item in items:
        batch = list_data_collate([transform(item)])
        logits = sliding_window_inference(batch["image"], window, 4, network, overlap=0.25, mode="constant")
        classes = logits.shape[1]
        batch["pred"] = torch.softmax(logits, dim=1)
        single = invert(decollate_batch(batch)[0])
        for grid, found, label in (("resampled", logits[0], batch["label"][0]), ("original", single["pred"], single["original"])):
            labels = [one_hot(x.as_tensor().float()[None], classes) for x in (found.argmax(dim=0, keepdim=True), label)]
            metrics[grid](*labels)
    return {grid: (metric.get_buffer().numpy(), metric.aggregate().item()) for grid, metric in metrics.items()}


def phantoms(options, viscera_tool):
    """Labelled phantoms, one on each of the grids, and a datalist of them."""
    items = []
    for number, spacing in enumerate(SPACINGS):
        folder = options.work / f"phantom-{number}"
        command = [viscera_tool, "phantom", "--count", "1", "--seed", str(options.seed + number), "--spacing", spacing, "-o", folder, "--quiet"]
        subprocess.run(command, check=True)
        items += [{key: str(folder / item[key]) for key in ("image", "label")} for item in json.loads((folder / "dataset.json").read_text())["training"]]
    datalist = options.work / "validation.json"
    datalist.write_text(json.dumps({"validation": items}))
    return items, datalist


def compare_validation(options, viscera, results):
    torch.set_num_threads(options.threads)
    tool = options.executable.parent / "viscera"
    items, datalist = phantoms(options, tool)
    command = [tool, "validate", options.model, datalist, "--no-postprocessing", "--json", "--quiet"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    theirs = their_scores(items, *shipped(options.model))
    for grid, (scores, mean) in theirs.items():
        cases = answer["tables"][grid]["cases"]
        gaps = []
        for case, row in zip(cases, scores):
            ours = {0: case["backgroundDice"], **{organ["label"]: organ["dice"] for organ in case["organs"]}}
            # An organ that a case lacks has no Dice: null in ours, NaN in MONAI's.
            gaps += [float("inf") if (ours[k] is None) != bool(numpy.isnan(d)) else 0 if ours[k] is None else abs(ours[k] - d) for k, d in enumerate(row)]
        organs = numpy.nanmean(scores[:, 1:], axis=1).mean()
        names = [f"{grid}.meanDice{scores.shape[1] - 1}Organs", f"{grid}.meanDice{scores.shape[1]}ClassesWithBackground"]
        print(f"    {grid}: mean Dice {organs:.4f} without background, {mean:.4f} with")
        results.parity(f"validation Dice, {grid}: each organ, worst", max(gaps), DICE_LIMIT)
        results.parity(f"validation Dice, {grid}: mean of organs", abs(answer["figures"][names[0]] - organs), DICE_LIMIT)
        results.parity(f"validation Dice, {grid}: with background", abs(answer["figures"][names[1]] - mean), DICE_LIMIT)
