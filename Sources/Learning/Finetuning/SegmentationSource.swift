import Datasets
import MedicalImaging

/// Where the samples of supervised training come from.
public enum SegmentationSource: BatchSource {
    /// Patches resampled from the files' own grids with rotations, zoom and elastic deformation.
    case patches(PatchSource)
    /// Crops of preprocessed volumes as published.
    case published(PublishedSource)

    public var batchesPerEpoch: Int {
        switch self {
        case .patches(let source): source.batchesPerEpoch
        case .published(let source): source.batchesPerEpoch
        }
    }

    public func batch(at index: Int) -> [Patch] {
        switch self {
        case .patches(let source): source.batch(at: index)
        case .published(let source): source.batch(at: index)
        }
    }

    /// Samples of these volumes as the configuration asks for, for `TrainingConfiguration.Recipe.patches`.
    public static func patches(_ volumes: [TrainingVolume], _ configuration: TrainingConfiguration) throws(LearningError) -> SegmentationSource {
        guard !volumes.isEmpty else { throw noVolumes }
        return .patches(
            PatchSource(volumes: volumes, options: configuration.patch, batchSize: configuration.batchSize, seed: configuration.loop.seed))
    }

    /// Samples of these volumes as the configuration asks for, for `TrainingConfiguration.Recipe.published`.
    public static func published(_ volumes: [PreparedVolume], _ configuration: TrainingConfiguration) throws(LearningError) -> SegmentationSource {
        guard !volumes.isEmpty else { throw noVolumes }
        return .published(
            PublishedSource(
                volumes: volumes, shape: configuration.patch.shape, options: configuration.published, volumesPerBatch: configuration.batchSize,
                seed: configuration.loop.seed))
    }

    /// Reads the labelled volumes of datalists in the form that the configuration's recipe samples from.
    /// - Throws: `LearningError` naming the item, `ImageError` from reading.
    public static func load(_ lists: [Datalist], _ configuration: TrainingConfiguration) throws -> SegmentationSource {
        switch configuration.recipe {
        case .patches:
            let ignored = configuration.loss.ignoredLabel
            return try patches(lists.flatMap { list in try list.items.map { try TrainingVolume($0, of: list, ignored: ignored) } }, configuration)
        case .published:
            return try published(
                lists.flatMap { list in try list.items.map { try PreparedVolume($0, of: list, configuration: configuration) } }, configuration)
        }
    }

    private static var noVolumes: LearningError {
        .configuration(keyPath: "volumes", reason: "expected at least one labelled volume, found none")
    }
}
