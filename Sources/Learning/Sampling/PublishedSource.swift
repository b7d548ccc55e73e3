import Randomness

/// Batches of the published recipe: every epoch shows every volume once in a shuffled order, `samplesPerVolume` crops each. Volumes with different
/// weights are drawn by weight instead.
public struct PublishedSource: BatchSource {
    package let volumes: SampleStore<PreparedVolume>
    private let shape: [Int]
    private let options: PublishedOptions
    private let volumesPerBatch: Int
    private let seed: UInt64
    private let isWeighted: Bool

    package init(volumes: SampleStore<PreparedVolume>, shape: [Int], options: PublishedOptions, volumesPerBatch: Int, seed: UInt64) {
        (self.volumes, self.shape, self.options) = (volumes, shape, options)
        (self.volumesPerBatch, self.seed) = (volumesPerBatch, seed)
        isWeighted = volumes.items.contains { $0.weight != volumes.items[0].weight }
    }

    public var batchesPerEpoch: Int { max(1, (volumes.pool.size + volumesPerBatch - 1) / volumesPerBatch) }

    public func batch(at index: Int) throws -> [Patch] {
        try (0..<volumesPerBatch).flatMap { slot in
            let position = index * volumesPerBatch + slot
            let volume = try volumes.sample(self.volume(at: position), round: volumes.pool.round(of: position))
            return (0..<options.samplesPerVolume).map { sample in
                var random = RandomSource(seed, UInt64(position), UInt64(sample))
                return PublishedDraw(from: volume, shape: shape, options: options, random: &random)
                    .apply(to: volume, shape: shape, compat: options.compat)
            }
        }
    }

    /// The volume at a position of the endless sequence of epochs.
    package func volume(at position: Int) -> Int {
        let round = volumes.pool.round(of: position)
        let members = volumes.pool.members(of: round)
        if isWeighted {
            var random = RandomSource(seed, UInt64(position), .max)
            return members[PatchDraw.drawVolume(members.map { volumes.items[$0].weight }, random: &random)]
        }
        var random = RandomSource(seed, UInt64(round), .max)
        return members[Array(members.indices).shuffled(using: &random)[position % members.count]]
    }
}
