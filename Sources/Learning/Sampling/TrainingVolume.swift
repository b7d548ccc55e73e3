import MedicalImaging

/// A labelled CT held in memory for patch sampling: intensities rounded to whole HU, labels, and what the labels cover.
public struct TrainingVolume: Sendable {
    /// What messages call it.
    public let name: String
    public let grid: VoxelGrid
    /// Intensities in HU, clamped to the range of Int16, axis i fastest.
    public let intensities: [Int16]
    /// Labels 0…255, axis i fastest.
    public let labels: [UInt8]
    /// The labels that were drawn in this volume. Every other class is *unlabelled*: its voxels carry label 0 without being background.
    public let labelled: Set<UInt8>
    /// How often the volume is drawn relative to the others.
    public let weight: Double
    /// For each label that occurs, linear indices of a bounded number of its voxels, for foreground-balanced sampling.
    let voxelsByLabel: [UInt8: [Int32]]

    /// The most voxel indices kept for one label.
    static let keptVoxels = 20_000

    /// - Parameters:
    ///   - labelled: the labels drawn in this volume; labels found in the map outside the set are an error.
    ///   - weight: relative frequency of drawing, > 0.
    ///   - ignored: a label whose voxels count for nothing and are never a centre.
    /// - Throws: `LearningError.sample` when the grids differ or the label map holds a value outside `labelled`.
    public init(
        name: String, image: Volume<Float>, labels: LabelMap, labelled: Set<UInt8>, weight: Double = 1, ignored: UInt8? = nil
    ) throws(LearningError) {
        guard image.grid.shape == labels.grid.shape else {
            throw .sample(
                name: name,
                reason: "image has \(image.grid.shape) voxels, label map \(labels.grid.shape): expected one grid; resample the label map to the image"
            )
        }
        self.name = name
        self.weight = weight
        grid = image.grid
        intensities = image.voxels.map { Int16(max(-32768, min(32767, ($0.isFinite ? $0 : -1024).rounded()))) }
        self.labels = labels.voxels
        self.labelled = labelled
        voxelsByLabel = TrainingVolume.indexVoxels(of: labels.voxels).filter { $0.key != ignored }
        if let stranger = voxelsByLabel.keys.sorted().first(where: { $0 != 0 && !labelled.contains($0) }) {
            throw .sample(
                name: name,
                reason: "the label map holds the value \(stranger), expected only \(labelled.sorted()): correct the map or the 'labelled' list")
        }
    }

    /// Every `stride`-th voxel of each label, so that at most `keptVoxels` remain; background is not indexed.
    private static func indexVoxels(of labels: [UInt8]) -> [UInt8: [Int32]] {
        var counts = [Int](repeating: 0, count: 256)
        for label in labels { counts[Int(label)] += 1 }
        let strides = counts.map { max(1, $0 / keptVoxels) }
        var seen = [Int](repeating: 0, count: 256)
        var found: [UInt8: [Int32]] = [:]
        for (index, label) in labels.enumerated() where label != 0 {
            if seen[Int(label)].isMultiple(of: strides[Int(label)]) { found[label, default: []].append(Int32(index)) }
            seen[Int(label)] += 1
        }
        return found
    }
}
