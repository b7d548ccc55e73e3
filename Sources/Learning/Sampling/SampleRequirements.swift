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

/// - Parameters:
///   - present: the values of a label map, in any order.
///   - labelled: those that may occur, besides 0.
///   - ignored: one that counts for nothing.
/// - Throws: `LearningError.sample` naming the least value that may not occur.
func requireKnownLabels(name: String, _ present: some Sequence<UInt8>, labelled: Set<UInt8>, ignored: UInt8? = nil) throws(LearningError) {
    guard let stranger = Set(present).subtracting(labelled).subtracting([0, ignored ?? 0]).min() else { return }
    throw .sample(
        name: name,
        reason:
            "the label map holds the value \(stranger), expected only \(labelled.sorted()): correct the map, the 'labelled' list or the network's "
            + "channels (network.outChannels: the labels and the background)")
}

/// - Throws: `LearningError.sample` when labels are said to be drawn for which the network has no channel.
func requireChannels(name: String, _ labelled: Set<UInt8>, channels: Int) throws(LearningError) {
    guard let greatest = labelled.max(), Int(greatest) >= channels else { return }
    throw .sample(
        name: name,
        reason:
            "its 'labelled' list names label \(greatest), the network has \(channels) channels, for labels 0 to \(channels - 1): correct the list or "
            + "network.outChannels")
}
