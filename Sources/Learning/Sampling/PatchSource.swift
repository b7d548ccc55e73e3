import Randomness

/// Batches of randomly drawn patches. Batch `index` holds the draws of the streams (seed, index·batchSize + 0…batchSize−1), so what a step sees
/// does not depend on timing, threads or on where the run was resumed, and several processes see together what one would with their joint batch.
public struct PatchSource: BatchSource {
    package let volumes: SampleStore<TrainingVolume>
    private let options: PatchOptions
    private let batchSize: Int
    private let seed: UInt64

    package init(volumes: SampleStore<TrainingVolume>, options: PatchOptions, batchSize: Int, seed: UInt64) {
        self.volumes = volumes
        self.options = options
        self.batchSize = batchSize
        self.seed = seed
    }

    /// As many patches as volumes make an epoch.
    public var batchesPerEpoch: Int { max(1, (volumes.pool.size + batchSize - 1) / batchSize) }

    public func batch(at index: Int) throws -> [Patch] {
        try (0..<batchSize).map { slot in
            let position = index * batchSize + slot
            let round = volumes.pool.round(of: position)
            let members = volumes.pool.members(of: round)
            var random = RandomSource(seed, UInt64(position))
            let drawn = members[PatchDraw.drawVolume(members.map { volumes.items[$0].weight }, random: &random)]
            let volume = try volumes.sample(drawn, round: round)
            return PatchDraw(of: drawn, volume, options: options, random: &random).apply(to: volume, options: options)
        }
    }
}
