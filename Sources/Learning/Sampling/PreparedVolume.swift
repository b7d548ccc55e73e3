import MedicalImaging
import Preprocessing
import Randomness

/// A labelled volume preprocessed as the network wants it, for the published sampler.
public struct PreparedVolume: Sendable {
    /// What messages call it.
    public let name: String
    /// The axes as the recipe leaves them (RAS), the first fastest in storage.
    let grid: VoxelGrid
    /// Intensities in window units, 0…1.
    let intensities: StoredArray<Float>
    /// Labels on the same grid.
    let labels: StoredArray<UInt8>
    /// The labels that were drawn in this volume.
    let labelled: Set<UInt8>
    /// How often the volume is drawn relative to the others.
    let weight: Double
    private let ignored: UInt8?
    private let foreground: VoxelLottery
    private let background: VoxelLottery

    /// - Parameters:
    ///   - shape: the least number of voxels along each axis; smaller volumes are padded with air on both sides, where MONAI refuses them.
    ///   - ignored: a label whose voxels count for nothing and are never a centre.
    /// - Throws: `LearningError.sample` when the label map holds a value outside `labelled` or the volume nothing to crop around; what the recipe
    ///   throws.
    public init(
        name: String, image: Volume<Float>, labels: LabelMap, labelled: Set<UInt8>, weight: Double = 1, recipe: PreprocessingRecipe,
        shape: [Int], ignored: UInt8? = nil
    ) throws {
        try requireOneGrid(name: name, image: image.grid, labels: labels.grid)
        try requireKnownLabels(name: name, labels.voxels, labelled: labelled, ignored: ignored)
        var padding = recipe
        padding.minimumShape = shape
        let (processed, processedLabels) = try padding.apply(to: image, labels: labels)
        self.name = name
        grid = processed.volume.grid
        self.intensities = StoredArray(processed.volume.voxels)
        self.labels = StoredArray(processedLabels.voxels)
        (self.labelled, self.weight, self.ignored) = (labelled, weight, ignored)
        let (intensities, values) = (processed.volume.voxels, processedLabels.voxels)
        foreground = VoxelLottery(count: values.count) { values[$0] != 0 && values[$0] != ignored }
        background = VoxelLottery(count: values.count) { values[$0] == 0 && intensities[$0] > 0 }
        guard foreground.total + background.total > 0 else {
            throw LearningError.sample(name: name, reason: "holds neither a labelled voxel nor one above the window's lower bound")
        }
    }

    /// The index of a random voxel: of an organ, or of background inside the body; of the other kind where there is none.
    func drawCentre(isPositive: Bool, random: inout RandomSource) -> SIMD3<Int> {
        let takesForeground = (isPositive && foreground.total > 0) || background.total == 0
        let lottery = takesForeground ? foreground : background
        let rank = Int.random(in: 0..<lottery.total, using: &random)
        let position = labels.withUnsafeBufferPointer { labels in
            intensities.withUnsafeBufferPointer { intensities in
                takesForeground
                    ? lottery.position(ofRank: rank) { labels[$0] != 0 && labels[$0] != ignored }
                    : lottery.position(ofRank: rank) { labels[$0] == 0 && intensities[$0] > 0 }
            }
        }
        let shape = grid.shape
        return SIMD3(position % shape.x, position / shape.x % shape.y, position / (shape.x * shape.y))
    }
}

extension PreparedVolume: CachedSample {
    public var heldBytes: Int { intensities.heldBytes + labels.heldBytes }

    public var isLabelled: Bool { foreground.total > 0 }

    public var contents: SampleContents? {
        SampleContents(
            shape: grid.shape, affine: grid.affine.rowMajor,
            arrays: [
                ("intensities", intensities), ("labels", labels), ("foreground", StoredArray(foreground.before)),
                ("background", StoredArray(background.before)),
            ])
    }

    private init(_ item: SampleItem, labelled: Set<UInt8>, ignored: UInt8?, restoring file: SampleFile) throws(CacheFileProblem) {
        (name, weight, self.labelled, self.ignored) = (item.name, item.weight, labelled, ignored)
        guard file.affine.count == 12 else { throw CacheFileProblem("holds no grid") }
        grid = VoxelGrid(shape: file.shape, affine: Affine(rowMajor: file.affine))
        intensities = try file.array("intensities", count: grid.count)
        labels = try file.array("labels", count: grid.count)
        foreground = VoxelLottery(before: Array(try file.array("foreground", of: Int.self)))
        background = VoxelLottery(before: Array(try file.array("background", of: Int.self)))
        guard foreground.total + background.total > 0 else { throw CacheFileProblem("has nothing to crop around") }
    }

    /// Reading of labelled images, preprocessed as the configuration says.
    /// - Throws: on reading `LearningError` naming the item, `ImageError` for files that cannot be read.
    static func reader(_ configuration: TrainingConfiguration) -> SampleReader<PreparedVolume> {
        let (recipe, shape, ignored) = (configuration.preprocessing, configuration.patch.shape, configuration.loss.ignoredLabel)
        let channels = configuration.network.outChannels
        let storage = SampleReader<PreparedVolume>.Storage(usesLabels: true) { item in
            "published \(try JSONText.sorted(recipe)), at least \(shape), labelled \(item.labelled(channels: channels).sorted()), ignored "
                + "\(ignored.map(Int.init) ?? -1)"
        } restore: { item, file in
            try PreparedVolume(item, labelled: item.labelled(channels: channels), ignored: ignored, restoring: file)
        }
        return SampleReader(storage: storage) { item in
            let (image, labels) = try item.labelledImage()
            do {
                return try PreparedVolume(
                    name: item.name, image: image, labels: labels, labelled: item.labelled(channels: channels), weight: item.weight, recipe: recipe,
                    shape: shape, ignored: ignored)
            } catch let error as PreprocessingError {
                throw LearningError.sample(name: item.name, reason: "\(error); correct the files or take them out of the datalist")
            }
        }
    }
}
