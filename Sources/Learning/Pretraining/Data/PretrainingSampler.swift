import Randomness

/// The samples of every step of a run. What a step sees depends on (seed, step) alone, so a resumed run goes on as the uninterrupted one.
public struct PretrainingSampler: BatchSource {
    public let configuration: PretrainingConfiguration
    /// Where the volumes are.
    public let volumes: SampleStore<PretrainingVolume>

    /// - Throws: `LearningError` when there is no volume.
    public init(configuration: PretrainingConfiguration, volumes: SampleStore<PretrainingVolume>) throws(LearningError) {
        guard !volumes.isEmpty else { throw .configuration(keyPath: "volumes", reason: "expected at least one volume, found none") }
        self.configuration = configuration
        self.volumes = volumes
    }

    /// Samples of volumes in memory.
    /// - Throws: `LearningError` when there is no volume, or one that is smaller than a crop.
    public init(configuration: PretrainingConfiguration, volumes: [PretrainingVolume]) throws(LearningError) {
        for volume in volumes { try Self.requireRoom(for: configuration.cropShape, in: volume) }
        try self.init(configuration: configuration, volumes: SampleStore(volumes.map { (SampleItem(name: $0.name), $0) }))
    }

    private static func requireRoom(for crop: SIMD3<Int>, in volume: PretrainingVolume) throws(LearningError) {
        guard all(volume.shape .>= crop) else {
            throw .sample(name: volume.name, reason: "has \(text(of: volume.shape)) voxels, expected at least the crop \(text(of: crop))")
        }
    }

    /// Keys that keep streams of one seed apart.
    private enum Stream {
        static let order: UInt64 = 0x6F72_6465
        static let validation: UInt64 = 0x7661_6C69
        static let training: UInt64 = 0x7472_6169
    }

    /// The volumes of a step. Step after step they run through one random order of all volumes, then the next; the reference starts each
    /// epoch with a new batch instead, which is the same where the batches fill the epoch. With a moving pool each round runs through its members.
    public func volumeIndices(at step: Int) -> [Int] { (0..<configuration.volumesPerStep).map { volume(at: position(step, $0)).index } }

    /// The place in the endless sequence of volumes.
    private func position(_ step: Int, _ place: Int) -> Int { step * configuration.volumesPerStep + place }

    private func volume(at position: Int) -> (index: Int, round: Int) {
        let round = volumes.pool.round(of: position)
        var random = RandomSource(configuration.loop.seed, Stream.order, UInt64(round))
        let size = volumes.pool.size
        return (volumes.pool.members(of: round)[random.permutation(size)[position % size]], round)
    }

    /// Steps that show every volume of a round once.
    public var batchesPerEpoch: Int { (volumes.pool.size + configuration.volumesPerStep - 1) / configuration.volumesPerStep }

    /// The training samples of a step: the crops of the first volume, then those of the second, and so on.
    /// - Throws: what reading a volume throws that is not held.
    public func batch(at step: Int) throws -> [PretrainingSample] {
        try (0..<configuration.volumesPerStep).flatMap { place in
            let (index, round) = volume(at: position(step, place))
            let random = RandomSource(configuration.loop.seed, Stream.training, UInt64(step), UInt64(place))
            return try samples(of: volumes.sample(index, round: round), random: random)
        }
    }

    /// The validation samples of one case, the same at every validation of every run with this seed (the reference draws new ones each time).
    /// - Throws: what reading a volume throws that is not held.
    public func validationSamples(of index: Int) throws -> [PretrainingSample] {
        try samples(of: volumes.sample(index), random: RandomSource(configuration.loop.seed, Stream.validation, UInt64(index)))
    }

    private func samples(of volume: PretrainingVolume, random: RandomSource) throws(LearningError) -> [PretrainingSample] {
        try Self.requireRoom(for: configuration.cropShape, in: volume)
        var random = random
        return (0..<configuration.cropsPerVolume).map { _ in
            PretrainingDraw(in: volume.shape, configuration: configuration, random: &random).apply(to: volume, size: configuration.cropShape)
        }
    }
}
