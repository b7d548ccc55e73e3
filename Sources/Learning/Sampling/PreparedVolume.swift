import MedicalImaging
import Preprocessing

/// A labelled volume preprocessed as the network wants it and held in memory for the published sampler.
public struct PreparedVolume: Sendable {
    /// What messages call it.
    public let name: String
    /// Intensities in window units, 0…1; axes as the recipe leaves them (RAS), the first fastest in storage.
    let image: Volume<Float>
    /// Labels on the same grid.
    let labels: LabelMap
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
        if let stranger = Set(labels.voxels).subtracting(labelled).subtracting([0, ignored ?? 0]).min() {
            throw LearningError.sample(
                name: name,
                reason: "the label map holds the value \(stranger), expected only \(labelled.sorted()): correct the map or the 'labelled' list")
        }
        var padding = recipe
        padding.minimumShape = shape
        let (processed, processedLabels) = try padding.apply(to: image, labels: labels)
        self.name = name
        self.image = processed.volume
        self.labels = processedLabels
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
        let position =
            takesForeground
            ? lottery.position(ofRank: rank) { labels.voxels[$0] != 0 && labels.voxels[$0] != ignored }
            : lottery.position(ofRank: rank) { labels.voxels[$0] == 0 && image.voxels[$0] > 0 }
        let shape = image.grid.shape
        return SIMD3(position % shape.x, position / shape.x % shape.y, position / (shape.x * shape.y))
    }
}
