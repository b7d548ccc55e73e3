"""CT-like volumes, and the files that are hard to read: orientations, encodings, contradicting headers."""

import nibabel
import numpy
from scipy.ndimage import gaussian_filter


def ct(shape, seed):
    """HU, float32: a body of soft tissue with smooth structure and noise, in air."""
    random = numpy.random.default_rng(seed)
    axes = numpy.meshgrid(*[numpy.linspace(-1, 1, n) for n in shape], indexing="ij")
    body = (axes[0] / 0.9) ** 2 + (axes[1] / 0.8) ** 2 < 1
    blobs = gaussian_filter(random.standard_normal(shape), [max(1.0, n / 24) for n in shape])
    values = 40 + 160 * blobs / max(blobs.std(), 1e-6) + random.normal(0, 12, shape)
    return numpy.where(body, numpy.clip(values, -400, 900), -1000).astype(numpy.float32)


def blobs(shape, classes, seed):
    """An image (float32, 0 to 1 and noise) and its labels (int64): blobs of every class, each class with a brightness of its own."""
    random = numpy.random.default_rng(seed)
    fields = [gaussian_filter(random.standard_normal(shape), max(shape) / 10) for _ in range(classes)]
    labels = numpy.argmax([field / field.std() for field in fields], axis=0)
    brightness = random.permutation(classes) / (classes - 1)
    return (brightness[labels] + 0.05 * random.standard_normal(shape)).astype(numpy.float32), labels.astype(numpy.int64)


def rotation(x, y, z):
    """A rotation by angles in degrees about the axes in turn."""
    result = numpy.eye(3)
    for axis, degrees in enumerate((x, y, z)):
        c, s = numpy.cos(numpy.radians(degrees)), numpy.sin(numpy.radians(degrees))
        turn = numpy.eye(3)
        a, b = [k for k in range(3) if k != axis]
        turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
        result = turn @ result
    return result


def affine(columns, origin=(-80.25, -60.5, 11.75)):
    result = numpy.eye(4)
    result[:3, :3], result[:3, 3] = columns, origin
    return result


def save(path, values, matrix, dtype=numpy.int16, kind=nibabel.Nifti1Image, endian="<", scaling=None):
    header = kind.header_class(endianness=endian)
    header.set_data_dtype(numpy.dtype(dtype).newbyteorder(endian))
    stored = values if scaling is None else (values - scaling[1]) / scaling[0]
    if numpy.issubdtype(dtype, numpy.integer):
        limits = numpy.iinfo(dtype)
        stored = numpy.clip(numpy.rint(stored), limits.min, limits.max)
    image = kind(stored.astype(dtype), matrix, header)
    if scaling is not None:
        image.header.set_slope_inter(*scaling)
    nibabel.save(image, path)
    return image


def save_contradiction(path, values, matrix, sform_scale):
    """sform turned (and scaled) against qform; pixdim agrees with qform."""
    image = nibabel.Nifti1Image(numpy.rint(values).astype(numpy.int16), None)
    turned = affine(sform_scale * rotation(0, 0, 8) @ matrix[:3, :3], (-70, -50, 20))
    image.header.set_qform(matrix, code=1)
    image.header.set_sform(turned, code=2)
    zooms = image.header["pixdim"].copy()
    saved = nibabel.Nifti1Image(image.dataobj, None, image.header)
    saved.header["pixdim"] = zooms
    nibabel.save(saved, path)


def save_dicom(folder, values, spacing, orientation, position):
    """One axial-like series: slices in shuffled file order, rescale intercept -1024."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
    from pydicom.valuerep import format_number_as_ds  # at most 16 characters, without which MONAI finds no geometry

    folder.mkdir(parents=True, exist_ok=True)
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    row, column = numpy.array(orientation[:3], float), numpy.array(orientation[3:], float)
    normal = numpy.cross(row, column)
    for k in range(values.shape[2]):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
        meta.MediaStorageSOPInstanceUID = generate_uid()
        data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = study, series, frame
        data.Modality, data.PatientID, data.PatientName, data.SeriesDescription = "CT", "generated", "Generated^Phantom", "compare"
        data.SeriesNumber, data.InstanceNumber = 1, k + 1
        data.Rows, data.Columns = values.shape[1], values.shape[0]
        data.PixelSpacing = [float(spacing[1]), float(spacing[0])]
        data.SliceThickness = float(spacing[2])
        data.ImageOrientationPatient = [format_number_as_ds(float(x)) for x in orientation]
        data.ImagePositionPatient = [format_number_as_ds(float(x)) for x in numpy.array(position) + normal * spacing[2] * k]
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
        data.RescaleSlope, data.RescaleIntercept = 1, -1024
        data.PixelData = numpy.rint(values[:, :, k].T + 1024).astype("<u2").tobytes()
        data.save_as(folder / f"slice-{(k * 7) % 101:03d}-{k}.dcm", enforce_file_format=True)
