/// Batches of randomly drawn patches. Batch `index` holds the draws of the streams (seed, index, 0…batchSize−1), so what a step sees does not
/// depend on timing, threads or on where the run was resumed.
public struct PatchSource: BatchSource {
    package let volumes: [TrainingVolume]
    private let options: PatchOptions
    private let batchSize: Int
    private let seed: UInt64

    package init(volumes: [TrainingVolume], options: PatchOptions, batchSize: Int, seed: UInt64) {
        self.volumes = volumes
        self.options = options
        self.batchSize = batchSize
        self.seed = seed
    }

    /// One patch of every volume makes an epoch.
    public var batchesPerEpoch: Int { max(1, (volumes.count + batchSize - 1) / batchSize) }

    public func batch(at index: Int) -> [Patch] {
        (0..<batchSize).map { position in
            var random = RandomSource(seed, UInt64(index), UInt64(position))
            return PatchDraw(from: volumes, options: options, random: &random).apply(to: volumes, options: options)
        }
    }
}
