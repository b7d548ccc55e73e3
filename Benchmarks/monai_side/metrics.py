"""Dice, HD95 and surface Dice of `viscera evaluate` against MONAI's metrics, on blobs and their displaced copies."""

import json
import subprocess

import nibabel
import numpy
import torch
from monai.metrics import compute_dice, compute_hausdorff_distance, compute_surface_dice
from scipy.ndimage import gaussian_filter

ORGANS, CASES, TOLERANCE = 13, 12, 2.0
# Absolute: Dice and surface Dice are shares; HD95 in mm is a distance in single precision on both sides.
SHARE_LIMIT, DISTANCE_LIMIT = 1e-6, 1e-3


def case(number, seed):
    """(prediction, reference, spacing): labels 0 to 13, of which small and missing organs are part."""
    random = numpy.random.default_rng([seed, number])
    shape, spacing = random.integers(30, 60, 3), random.uniform(0.8, 3.5, 3)
    fields = numpy.stack([gaussian_filter(random.standard_normal(shape), 4) for _ in range(ORGANS + 1)])
    fields /= fields.std(axis=(1, 2, 3), keepdims=True)
    reference = fields.argmax(axis=0)
    changed = fields + 0.25 * numpy.stack([gaussian_filter(random.standard_normal(shape), 2) / 0.04 for _ in range(ORGANS + 1)]) / 4
    prediction = changed.argmax(axis=0)
    prediction[prediction == 1 + number % ORGANS] = 0
    return prediction.astype(numpy.uint8), reference.astype(numpy.uint8), spacing


def one_hot(labels):
    return torch.stack([torch.from_numpy(labels == organ) for organ in range(1, ORGANS + 1)])[None].float()


def their_scores(prediction, reference, spacing):
    """Per organ: Dice, HD95, surface Dice."""
    p, r, mm = one_hot(prediction), one_hot(reference), [float(s) for s in spacing]
    return (
        compute_dice(p, r)[0].numpy(),
        compute_hausdorff_distance(p, r, include_background=True, percentile=95, spacing=mm)[0].numpy(),
        compute_surface_dice(p, r, [TOLERANCE] * ORGANS, include_background=True, spacing=mm)[0].numpy(),
    )


def compare_metrics(options, viscera, results):
    folders = [options.work / "predictions", options.work / "references"]
    theirs = {}
    for folder in folders:
        folder.mkdir(exist_ok=True)
    for number in range(CASES):
        prediction, reference, spacing = case(number, options.seed)
        for folder, labels in zip(folders, (prediction, reference)):
            nibabel.save(nibabel.Nifti1Image(labels, numpy.diag([*spacing, 1])), folder / f"case{number:02}.nii.gz")
        theirs[f"case{number:02}"] = their_scores(prediction, reference, nibabel.load(folders[0] / f"case{number:02}.nii.gz").header.get_zooms())
    command = [options.executable.parent / "viscera", "evaluate", *folders, "--tolerance", str(TOLERANCE), "--json", "--quiet"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    gaps = {"dice": [], "hausdorff95": [], "surfaceDice": []}
    for evaluation in answer["cases"]:
        for organ in evaluation["organs"]:
            for key, values in zip(gaps, theirs[evaluation["name"]]):
                value = values[organ["label"] - 1]
                # Ours gives null where a distance is infinite; MONAI gives infinity or NaN there.
                undefined = organ[key] is None
                gaps[key].append(float("inf") if undefined == numpy.isfinite(value) else 0 if undefined else abs(organ[key] - value))
    scored = f"{CASES} cases × {ORGANS} organs"
    results.parity(f"{scored}: Dice, worst", max(gaps["dice"]), SHARE_LIMIT)
    results.parity(f"{scored}: HD95, worst (mm)", max(gaps["hausdorff95"]), DISTANCE_LIMIT)
    results.parity(f"{scored}: surface Dice, worst", max(gaps["surfaceDice"]), SHARE_LIMIT)
