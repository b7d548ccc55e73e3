import MedicalImaging

/// - Throws: `LearningError.sample` unless an image and its label map lie on one grid, to a tenth of a voxel.
func requireOneGrid(name: String, image: VoxelGrid, labels: VoxelGrid) throws(LearningError) {
    guard image.shape == labels.shape else {
        throw .sample(
            name: name,
            reason:
                "the image has \(text(of: image.shape)) voxels, the label map \(text(of: labels.shape)): expected one grid; resample the label map "
                + "to the image")
    }
    guard image.coincides(with: labels) else {
        let distance = (image.greatestDistance(to: labels) * 100).rounded() / 100
        throw .sample(
            name: name,
            reason:
                "the label map lies elsewhere than the image (up to \(distance) mm away): expected one grid; correct the header "
                + "or resample the label map to the image")
    }
}
