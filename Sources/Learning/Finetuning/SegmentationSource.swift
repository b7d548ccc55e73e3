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

    public func batch(at index: Int) throws -> [Patch] {
        switch self {
        case .patches(let source): try source.batch(at: index)
        case .published(let source): try source.batch(at: index)
        }
    }

    /// The volumes that each round draws from.
    var pool: VolumePool {
        switch self {
        case .patches(let source): source.volumes.pool
        case .published(let source): source.volumes.pool
        }
    }

    /// Samples of these volumes as the configuration asks for, for `TrainingConfiguration.Recipe.patches`.
    public static func patches(_ volumes: [TrainingVolume], _ configuration: TrainingConfiguration) throws(LearningError) -> SegmentationSource {
        try patches(SampleStore(volumes.map { (SampleItem(name: $0.name, weight: $0.weight), $0) }), configuration)
    }

    /// Samples of these volumes as the configuration asks for, for `TrainingConfiguration.Recipe.published`.
    public static func published(_ volumes: [PreparedVolume], _ configuration: TrainingConfiguration) throws(LearningError) -> SegmentationSource {
        try published(SampleStore(volumes.map { (SampleItem(name: $0.name, weight: $0.weight), $0) }), configuration)
    }

    private static func patches(
        _ volumes: SampleStore<TrainingVolume>, _ configuration: TrainingConfiguration
    ) throws(LearningError) -> SegmentationSource {
        guard !volumes.isEmpty else { throw noVolumes }
        return .patches(
            PatchSource(volumes: volumes, options: configuration.patch, batchSize: configuration.batchSize, seed: configuration.loop.seed))
    }

    private static func published(
        _ volumes: SampleStore<PreparedVolume>, _ configuration: TrainingConfiguration
    ) throws(LearningError) -> SegmentationSource {
        guard !volumes.isEmpty else { throw noVolumes }
        return .published(
            PublishedSource(
                volumes: volumes, shape: configuration.patch.shape, options: configuration.published, volumesPerBatch: configuration.batchSize,
                seed: configuration.loop.seed))
    }

    /// Reads the labelled volumes of datalists in the form that the configuration's recipe samples from.
    /// - Parameters:
    ///   - cache: keeps them.
    ///   - onSample: told what is where after each volume.
    /// - Throws: `LearningError` naming the item, `ImageError` from reading.
    public static func load(
        _ lists: [Datalist], _ configuration: TrainingConfiguration, cache: SampleCache, onSample: (SampleCache.Summary) throws -> Void = { _ in }
    ) throws -> SegmentationSource {
        let items = SampleItem.items(of: lists)
        let channels = configuration.network.outChannels
        for item in items { try requireChannels(name: item.name, item.labelled(channels: channels), channels: channels) }
        var summary = SampleCache.Summary()
        let source: SegmentationSource
        switch configuration.recipe {
        case .patches:
            source = try patches(
                cache.training(items, TrainingVolume.reader(configuration)) {
                    summary = $0
                    try onSample($0)
                }, configuration)
        case .published:
            source = try published(
                cache.training(items, PreparedVolume.reader(configuration)) {
                    summary = $0
                    try onSample($0)
                }, configuration)
        }
        guard summary.unlabelled < summary.count else {
            throw LearningError.sample(
                name: items[0].name,
                reason: "neither its label map nor that of any other training volume holds a single labelled voxel: check the labels of the datalist")
        }
        return source
    }

    private static var noVolumes: LearningError {
        .configuration(keyPath: "volumes", reason: "expected at least one labelled volume, found none")
    }
}
