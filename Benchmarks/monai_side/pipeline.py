"""MONAI's abdominal pipeline: reading and preprocessing, sliding window, the way back, saving."""

import time

import nibabel
import numpy
import torch
from monai.data import MetaTensor, decollate_batch, list_data_collate
from monai.inferers import sliding_window_inference
from monai.transforms import Compose, CropForegroundd, EnsureChannelFirstd, Invertd, LoadImaged, Orientationd, ScaleIntensityRanged, Spacingd

WINDOW = (96, 96, 96)


def preprocessing(path):
    """As PreprocessingRecipe.abdominalCT; a folder is a DICOM series."""
    reader = "PydicomReader" if path.is_dir() else None
    return Compose(
        [
            LoadImaged(keys="image", reader=reader),
            EnsureChannelFirstd(keys="image"),
            Orientationd(keys="image", axcodes="RAS"),
            Spacingd(keys="image", pixdim=(1.5, 1.5, 2.0), mode="bilinear"),
            ScaleIntensityRanged(keys="image", a_min=-175, a_max=250, b_min=0, b_max=1, clip=True),
            CropForegroundd(keys="image", source_key="image", allow_smaller=True),
        ]
    )


def labels_of(probabilities, item, transform):
    """Probabilities [classes, X, Y, Z] at the processed grid → labels and affine at the original grid."""
    inverted = Invertd(keys="pred", transform=transform, orig_keys="image", nearest_interp=False, to_tensor=True)
    item["pred"] = probabilities
    back = inverted(item)["pred"]
    return back.argmax(dim=0).to(torch.uint8).numpy(), numpy.asarray(back.affine, dtype=numpy.float64)


@torch.inference_mode()
def segment(path, network, output, overlap=0.25, batch=1):
    """The whole of it, as MONAI's tutorials do it. Writes a label map and returns (labels, affine)."""
    transform = preprocessing(path)
    item = transform({"image": str(path)})
    batch_data = list_data_collate([item])
    logits = sliding_window_inference(batch_data["image"], WINDOW, batch, network, overlap=overlap, mode="gaussian")
    batch_data["pred"] = torch.softmax(logits, dim=1)
    single = decollate_batch(batch_data)[0]
    labels, affine = labels_of(single["pred"], single, transform)
    nibabel.save(nibabel.Nifti1Image(labels, affine), output)
    return labels, affine


@torch.inference_mode()
def everything_but_the_network(path, output):
    """Read, preprocess, softmax of a stand-in for logits (as StandInPredictor of viscera-compare), inverse, argmax, write.

    Returns the seconds that the stand-in took. `Invertd` resamples in double precision, MONAI's default."""
    transform = preprocessing(path)
    item = transform({"image": str(path)})
    image = item["image"].as_tensor()
    start = time.perf_counter()
    logits = torch.cat([image * (c + 1) - 0.035 * c * c for c in range(14)])
    seconds = time.perf_counter() - start
    # Invertd passes over a tensor without metadata, with no more than a warning.
    labels, affine = labels_of(MetaTensor(torch.softmax(logits, dim=0), meta=item["image"].meta), item, transform)
    nibabel.save(nibabel.Nifti1Image(labels, affine), output)
    return seconds
