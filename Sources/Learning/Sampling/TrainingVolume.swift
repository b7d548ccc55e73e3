import MedicalImaging

/// A labelled CT for patch sampling: intensities rounded to whole HU, labels, and what the labels cover.
public struct TrainingVolume: Sendable {
    /// What messages call it.
    public let name: String
    public let grid: VoxelGrid
    /// Intensities in HU, clamped to the range of Int16, axis i fastest.
    public let intensities: StoredArray<Int16>
    /// Labels 0…255, axis i fastest.
    public let labels: StoredArray<UInt8>
    /// The labels that were drawn in this volume. Every other class is *unlabelled*: its voxels carry label 0 without being background.
    public let labelled: Set<UInt8>
    /// How often the volume is drawn relative to the others.
    public let weight: Double
    /// For each label that occurs, linear indices of a bounded number of its voxels, for foreground-balanced sampling.
    let voxelsByLabel: [UInt8: StoredArray<Int32>]

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
        try requireOneGrid(name: name, image: image.grid, labels: labels.grid)
        self.name = name
        self.weight = weight
        grid = image.grid
        intensities = StoredArray(image.voxels.map { Int16(max(-32768, min(32767, ($0.isFinite ? $0 : -1024).rounded()))) })
        self.labels = StoredArray(labels.voxels)
        self.labelled = labelled
        voxelsByLabel = TrainingVolume.indexVoxels(of: labels.voxels).filter { $0.key != ignored }.mapValues { StoredArray($0) }
        try requireKnownLabels(name: name, voxelsByLabel.keys, labelled: labelled)
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

extension TrainingVolume: CachedSample {
    public var heldBytes: Int { intensities.heldBytes + labels.heldBytes + voxelsByLabel.values.reduce(0) { $0 + $1.heldBytes } }

    public var isLabelled: Bool { !voxelsByLabel.isEmpty }

    public var contents: SampleContents? {
        let indices = voxelsByLabel.sorted { $0.key < $1.key }.map { (name: "label \($0.key)", bytes: $0.value as any StorableBytes) }
        return SampleContents(
            shape: grid.shape, affine: grid.affine.rowMajor, arrays: [("intensities", intensities), ("labels", labels)] + indices)
    }

    private init(_ item: SampleItem, labelled: Set<UInt8>, restoring file: SampleFile) throws(CacheFileProblem) {
        (name, weight, self.labelled) = (item.name, item.weight, labelled)
        guard file.affine.count == 12 else { throw CacheFileProblem("holds no grid") }
        grid = VoxelGrid(shape: file.shape, affine: Affine(rowMajor: file.affine))
        intensities = try file.array("intensities", count: grid.count)
        labels = try file.array("labels", count: grid.count)
        var found: [UInt8: StoredArray<Int32>] = [:]
        for name in file.names where name.hasPrefix("label ") {
            guard let label = UInt8(name.dropFirst(6)) else { throw CacheFileProblem("holds an unknown array '\(name)'") }
            found[label] = try file.array(name)
        }
        voxelsByLabel = found
    }

    /// Reading of labelled images as they are.
    /// - Throws: on reading `LearningError` naming the item, `ImageError` for files that cannot be read.
    static func reader(_ configuration: TrainingConfiguration) -> SampleReader<TrainingVolume> {
        let (ignored, lower) = (configuration.loss.ignoredLabel, configuration.patch.window[0])
        let channels = configuration.network.outChannels
        let storage = SampleReader<TrainingVolume>.Storage(usesLabels: true) { item in
            "patches above \(lower), labelled \(item.labelled(channels: channels).sorted()), ignored \(ignored.map(Int.init) ?? -1)"
        } restore: { item, file in
            try TrainingVolume(item, labelled: item.labelled(channels: channels), restoring: file)
        }
        return SampleReader(storage: storage) { item in
            let (image, labels) = try item.labelledImage()
            guard image.voxels.contains(where: { Double($0) > lower }) else {
                throw LearningError.sample(
                    name: item.name, reason: "no voxel has an intensity above \(lower) HU, the window's lower bound: check that it is a CT in HU")
            }
            return try TrainingVolume(
                name: item.name, image: image, labels: labels, labelled: item.labelled(channels: channels), weight: item.weight, ignored: ignored)
        }
    }
}
