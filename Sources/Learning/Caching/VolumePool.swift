import Randomness

/// The volumes that each round of a run draws from: all of them, or a window that moves over them (MONAI 1.6 `SmartCacheDataset`).
///
/// The window covers `size` places of one random order of the volumes; each round it moves on by `replaced` places and goes round at the end. The
/// members of a round depend on the seed and the round alone.
public struct VolumePool: Sendable, Equatable {
    /// Volumes in all.
    public let total: Int
    /// Volumes of a round.
    public let size: Int
    /// Volumes that leave after each round.
    public let replaced: Int
    private let order: [Int]

    /// Keeps the stream of the order apart from others of the same seed.
    private static let stream: UInt64 = 0x706F_6F6C

    /// Every round draws from all volumes.
    public init(total: Int) {
        (self.total, size, replaced) = (total, total, 0)
        order = Array(0..<total)
    }

    /// - Precondition: 0 < size ≤ total, 0 ≤ replaced ≤ total − size.
    public init(total: Int, size: Int, replaced: Int, seed: UInt64) {
        precondition(size > 0 && size <= total && replaced >= 0 && replaced <= total - size, "no pool of \(size) of \(total) replacing \(replaced)")
        (self.total, self.size, self.replaced) = (total, size, replaced)
        var random = RandomSource(seed, Self.stream)
        order = size == total ? Array(0..<total) : random.permutation(total)
    }

    /// Whether rounds differ in their members.
    public var moves: Bool { replaced > 0 }

    /// The round that a position in the sequence of samples belongs to: `size` samples make a round.
    public func round(of position: Int) -> Int { position / max(1, size) }

    /// The volumes of a round.
    public func members(of round: Int) -> [Int] {
        guard size < total else { return order }
        let start = round % total * replaced % total
        return (0..<size).map { order[(start + $0) % total] }
    }
}

/// What a checkpoint says about a moving pool, which decides what a step sees.
struct PoolIdentity: Encodable {
    var size: Int
    var replaced: Int

    /// `nil` where every round draws from all volumes.
    init?(_ pool: VolumePool) {
        guard pool.size < pool.total else { return nil }
        (size, replaced) = (pool.size, pool.replaced)
    }
}
