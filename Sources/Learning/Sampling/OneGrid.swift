import MedicalImaging

/// - Throws: `LearningError.sample` unless an image and its label map lie on one grid, to a thousandth of a mm.
func requireOneGrid(name: String, image: VoxelGrid, labels: VoxelGrid) throws(LearningError) {
    guard image.shape == labels.shape else {
        throw .sample(
            name: name,
            reason:
                "the image has \(text(of: image.shape)) voxels, the label map \(text(of: labels.shape)): expected one grid; resample the label map "
                + "to the image")
    }
    let distance = zip(image.affine.rowMajor, labels.affine.rowMajor).map { abs($0 - $1) }.max() ?? 0
    guard distance <= 1e-3 else {
        throw .sample(
            name: name,
            reason:
                "the label map lies elsewhere than the image (their affines differ by up to \(distance) mm): expected one grid; correct the header "
                + "or resample the label map to the image")
    }
}
