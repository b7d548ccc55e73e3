"""The abdominal recipe on one volume after another, and on many random grids."""

import numpy
from safetensors.numpy import load_file

from . import generated as made
from .pipeline import preprocessing

PREPROCESSING_LIMIT, AFFINE_LIMIT = 1e-5, 1e-5
# A corner that lies on the border between two voxels falls to either side by the last bit; grids like these are left aside and counted.
SHAPE_LIMIT = 5e-3


def both_sides(path, options, viscera):
    """(our voxels, our affine, their voxels, their affine)"""
    item = preprocessing(path)({"image": str(path)})["image"]
    output = options.work / "preprocessed.safetensors"
    viscera.ask("preprocess", image=path, output=output)
    ours = load_file(output)
    # Ours are stored with the first axis fastest.
    return ours["volume"].transpose(2, 1, 0), ours["affine"], item[0].numpy(), item.affine.numpy()


def relative_error(ours, theirs):
    theirs = theirs.astype(float)
    return numpy.linalg.norm(ours - theirs) / max(numpy.linalg.norm(theirs), 1e-30)


def compare_preprocessing(name, path, options, viscera, results):
    ours, our_affine, theirs, their_affine = both_sides(path, options, viscera)
    if ours.shape != theirs.shape:
        print(f"  {name}: the processed shape is {ours.shape}, MONAI's {theirs.shape}")
        results.parity(f"{name}: preprocessing", float("inf"), PREPROCESSING_LIMIT)
        return
    results.parity(f"{name}: preprocessing", relative_error(ours, theirs), PREPROCESSING_LIMIT)
    results.parity(f"{name}: processed affine (mm)", numpy.abs(our_affine - their_affine).max(), AFFINE_LIMIT)


def random_grid(random):
    """A small shape, and an affine of any orientation, every second time oblique; spacings of 0.5 to 5 mm."""
    shape = tuple(int(n) for n in random.integers(6, 40, 3))
    columns = numpy.eye(3)[random.permutation(3)] * random.choice([-1, 1], 3) * numpy.exp(random.uniform(numpy.log(0.5), numpy.log(5), 3))
    if random.random() < 0.5:
        columns = made.rotation(*random.uniform(-25, 25, 3)) @ columns
    # As a file's header keeps it.
    return shape, made.affine(columns, random.uniform(-300, 300, 3)).astype(numpy.float32).astype(numpy.float64)


def compare_random_grids(options, viscera, results):
    """Three rows over --grids grids: the worst voxels, the worst affine, and the share of grids whose shapes differ."""
    random = numpy.random.default_rng(options.seed)
    path = options.work / "grid.nii"
    errors, offsets, differing = [], [], []
    for number in range(options.grids):
        shape, matrix = random_grid(random)
        made.save(path, made.ct(shape, options.seed + number), matrix)
        ours, our_affine, theirs, their_affine = both_sides(path, options, viscera)
        if ours.shape != theirs.shape:
            differing.append(number)
            print(f"    grid {number}: {shape} became {ours.shape}, in MONAI {theirs.shape}")
            continue
        errors.append(relative_error(ours, theirs))
        offsets.append(numpy.abs(our_affine - their_affine).max())
    count = f"{options.grids} random grids"
    results.parity(f"{count}: preprocessing, worst", max(errors), PREPROCESSING_LIMIT)
    results.parity(f"{count}: processed affine, worst (mm)", max(offsets), AFFINE_LIMIT)
    results.parity(f"{count}: share of other shape", len(differing) / options.grids, SHAPE_LIMIT)
