/// The samples of every step of a run. What a step sees depends on (seed, step) alone, so a resumed run goes on as the uninterrupted one.
public struct PretrainingSampler: BatchSource {
    public let configuration: PretrainingConfiguration
    public let volumes: [PretrainingVolume]

    /// - Throws: `LearningError` when there is no volume, or one that is smaller than a crop.
    public init(configuration: PretrainingConfiguration, volumes: [PretrainingVolume]) throws(LearningError) {
        guard !volumes.isEmpty else { throw .configuration(keyPath: "volumes", reason: "expected at least one volume, found none") }
        if let small = volumes.first(where: { any($0.shape .< configuration.cropShape) }) {
            throw .sample(name: small.name, reason: "has \(small.shape) voxels, expected at least the crop \(configuration.cropShape)")
        }
        self.configuration = configuration
        self.volumes = volumes
    }

    /// Keys that keep streams of one seed apart.
    private enum Stream {
        static let order: UInt64 = 0x6F72_6465
        static let validation: UInt64 = 0x7661_6C69
        static let training: UInt64 = 0x7472_6169
    }

    /// The volumes of a step. Step after step they run through one random order of all volumes, then the next; the reference starts each
    /// epoch with a new batch instead, which is the same where the batches fill the epoch.
    public func volumeIndices(at step: Int) -> [Int] {
        (0..<configuration.volumesPerStep).map { place in
            let item = step * configuration.volumesPerStep + place
            var random = RandomSource(configuration.loop.seed, Stream.order, UInt64(item / volumes.count))
            return random.permutation(volumes.count)[item % volumes.count]
        }
    }

    /// Steps that show every volume once.
    public var batchesPerEpoch: Int { (volumes.count + configuration.volumesPerStep - 1) / configuration.volumesPerStep }

    /// The training samples of a step: the crops of the first volume, then those of the second, and so on.
    public func batch(at step: Int) -> [PretrainingSample] {
        volumeIndices(at: step).enumerated().flatMap { place, index in
            samples(of: index, random: RandomSource(configuration.loop.seed, Stream.training, UInt64(step), UInt64(place)))
        }
    }

    /// The validation samples of one case, the same at every validation of every run with this seed (the reference draws new ones each time).
    public func validationSamples(of index: Int) -> [PretrainingSample] {
        samples(of: index, random: RandomSource(configuration.loop.seed, Stream.validation, UInt64(index)))
    }

    private func samples(of index: Int, random: RandomSource) -> [PretrainingSample] {
        var random = random
        let volume = volumes[index]
        return (0..<configuration.cropsPerVolume).map { _ in
            PretrainingDraw(in: volume.shape, configuration: configuration, random: &random).apply(to: volume, size: configuration.cropShape)
        }
    }
}
