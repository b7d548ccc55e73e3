/// Batches of the published recipe: every epoch shows every volume once in a shuffled order, `samplesPerVolume` crops each. Volumes with different
/// weights are drawn by weight instead.
public struct PublishedSource: BatchSource {
    private let volumes: [PreparedVolume]
    private let shape: [Int]
    private let options: PublishedOptions
    private let volumesPerBatch: Int
    private let seed: UInt64
    private let isWeighted: Bool

    package init(volumes: [PreparedVolume], shape: [Int], options: PublishedOptions, volumesPerBatch: Int, seed: UInt64) {
        (self.volumes, self.shape, self.options) = (volumes, shape, options)
        (self.volumesPerBatch, self.seed) = (volumesPerBatch, seed)
        isWeighted = volumes.contains { $0.weight != volumes[0].weight }
    }

    public var batchesPerEpoch: Int { max(1, (volumes.count + volumesPerBatch - 1) / volumesPerBatch) }

    public func batch(at index: Int) -> [Patch] {
        (0..<volumesPerBatch).flatMap { slot in
            let position = index * volumesPerBatch + slot
            let volume = volumes[self.volume(at: position)]
            return (0..<options.samplesPerVolume).map { sample in
                var random = RandomSource(seed, UInt64(position), UInt64(sample))
                return PublishedDraw(from: volume, shape: shape, options: options, random: &random)
                    .apply(to: volume, shape: shape, compat: options.compat)
            }
        }
    }

    /// The volume at a position of the endless sequence of epochs.
    package func volume(at position: Int) -> Int {
        if isWeighted {
            var random = RandomSource(seed, UInt64(position), .max)
            var remaining = random.uniform(0...1) * volumes.reduce(0) { $0 + $1.weight }
            for (index, volume) in volumes.enumerated() {
                remaining -= volume.weight
                if remaining <= 0 { return index }
            }
            return volumes.count - 1
        }
        var random = RandomSource(seed, UInt64(position / volumes.count), .max)
        return Array(volumes.indices).shuffled(using: &random)[position % volumes.count]
    }
}
