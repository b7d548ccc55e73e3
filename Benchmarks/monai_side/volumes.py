"""Preprocessing, labels and geometry on volumes that are easy to get wrong."""

import nibabel
import numpy
import torch

from . import generated as made
from .networks import hand_over, unetr
from .pipeline import segment
from .preprocessing import AFFINE_LIMIT, compare_preprocessing

AGREEMENT_LIMIT = 1e-3


def cases(folder, seed):
    """(name, path): each file is written when its turn comes."""

    def written(name, write, suffix=".nii.gz"):
        path = folder / (name + suffix)
        write(path)
        return name, path

    body = lambda *shape: made.ct(shape, seed)
    diagonal = lambda *d: made.affine(numpy.diag(d))
    oblique = made.affine(made.rotation(14, -9, 21) @ numpy.diag([1.2, 1.3, 2.5]))
    pir = made.affine(numpy.array([[0, 0, 1.93], [-1.37, 0, 0], [0, -1.61, 0]]))
    # Odd spacings: where a voxel lies exactly one voxel outside of the cropped volume, MONAI paints a rim there or not by
    # the rounding of the stored affine, while Viscera takes coordinates within a millionth of a voxel as whole.
    plain = diagonal(1.63, 1.57, 2.41)
    yield written("ras", lambda p: made.save(p, body(90, 80, 60), diagonal(1.53, 1.49, 2.07)))
    yield written("lps", lambda p: made.save(p, body(90, 80, 60), diagonal(-1.71, -1.73, 2.23)))
    yield written("pir", lambda p: made.save(p, body(70, 60, 80), pir))
    yield written("oblique", lambda p: made.save(p, body(90, 80, 50), oblique))
    yield written("anisotropic", lambda p: made.save(p, body(150, 130, 14), diagonal(-0.81, -0.79, 6.03)))
    yield written("smaller-in-all-axes", lambda p: made.save(p, body(31, 27, 23), diagonal(2.03, 2.11, 3.07)))
    yield written("smaller-in-one-axis", lambda p: made.save(p, body(150, 50, 130), diagonal(1.23, 1.41, 2.11)))
    yield written("larger", lambda p: made.save(p, body(120, 110, 70), diagonal(1.81, 1.73, 3.07)))
    yield written("sform-not-qform", lambda p: made.save_contradiction(p, body(80, 70, 50), diagonal(-1.53, -1.61, 2.23), 1))
    yield written("sform-not-pixdim", lambda p: made.save_contradiction(p, body(80, 70, 50), diagonal(-1.53, -1.61, 2.23), 1.25))
    yield written("nifti-2", lambda p: made.save(p, body(80, 70, 50), plain, kind=nibabel.Nifti2Image), ".nii")
    yield written("big-endian", lambda p: made.save(p, body(80, 70, 50), plain, endian=">"))
    yield written("float64", lambda p: made.save(p, body(80, 70, 50), plain, dtype=numpy.float64))
    yield written("int8-scaled", lambda p: made.save(p, body(80, 70, 50), plain, dtype=numpy.int8, scaling=(7.5, -40)))
    yield written("dicom-series", lambda p: made.save_dicom(p, body(90, 80, 40), (1.31, 1.29, 2.53), (1, 0, 0, 0, 1, 0), (-70, -60, 10)), "")
    tilted = made.rotation(0, 0, 12)
    yield written(
        "dicom-oblique", lambda p: made.save_dicom(p, body(90, 80, 40), (1.31, 1.37, 2.53), (*tilted[:, 0], *tilted[:, 1]), (-70, -60, 10)), "")


def canonical(path_or_image):
    image = nibabel.load(path_or_image) if not isinstance(path_or_image, nibabel.spatialimages.SpatialImage) else path_or_image
    image = nibabel.as_closest_canonical(image)
    return numpy.asarray(image.dataobj), image.affine


def compare_labels(name, path, options, viscera, results, network, network_name, **settings):
    """Segments on both sides. Rows: share of differing voxels, and geometry."""
    ours, theirs = options.work / "ours.nii.gz", options.work / "theirs.nii.gz"
    segment(path, network, theirs, **settings)
    viscera.ask("segment", network=network_name, image=path, output=ours, skipsAir=False, **settings)
    compare_files(name, path, ours, theirs, results)


def compare_files(name, path, ours, theirs, results):
    """Rows about two label maps of the volume at `path`."""
    our_labels, our_affine = canonical(ours)
    their_labels, their_affine = canonical(theirs)
    same = our_labels.shape == their_labels.shape
    results.parity(f"{name}: labels that differ", (our_labels != their_labels).mean() if same else float("inf"), AGREEMENT_LIMIT)
    if path.is_dir():
        results.parity(f"{name}: affine (mm)", numpy.abs(our_affine - their_affine).max(), AFFINE_LIMIT)
    else:
        source, result = nibabel.load(path), nibabel.load(ours)
        bits = [a.tobytes() != b.tobytes() for a, b in ((source.affine, result.affine), (source.get_qform(), result.get_qform()))]
        results.parity(f"{name}: affine bits that differ", sum(bits), 0)
    print(f"    {len(numpy.unique(their_labels))} labels present")


def compare_nasty_volumes(options, viscera, results):
    network = unetr("mini", options.seed).eval()
    hand_over(options, viscera, "mini", network, "unetr", "mini")
    torch.set_num_threads(options.threads)
    for name, path in cases(options.work, options.seed):
        if options.volumes and name not in options.volumes.split(","):
            continue
        compare_preprocessing(name, path, options, viscera, results)
        compare_labels(name, path, options, viscera, results, network, "mini", overlap=0.25)
    viscera.ask("unload", network="mini")
