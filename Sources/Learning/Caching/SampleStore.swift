import Foundation
import Synchronization

/// The samples of a run by their place in its lists: held in memory, mapped from a cache, or read whenever they are needed.
///
/// Which of these it is makes no difference to what a caller gets. With a moving pool, the members of the round being drawn from and of the next one
/// are held; those of the next are read in the background meanwhile.
public final class SampleStore<Sample: CachedSample>: Sendable {
    public let items: [SampleItem]
    /// The samples that each round draws from.
    public let pool: VolumePool
    private let slots: [Slot]
    private let obtain: @Sendable (Int) throws -> Sample
    private let round = Mutex(-1)
    private let queue = DispatchQueue(label: "viscera.samples", qos: .utility)

    /// Where a held sample lies.
    private final class Slot: Sendable {
        let sample: Mutex<Sample?>

        init(_ sample: Sample?) { self.sample = Mutex(sample) }
    }

    /// - Parameters:
    ///   - held: the sample of each item, `nil` where it is read by `obtain` at every use or, in a moving pool, at the first.
    init(items: [SampleItem], held: [Sample?], pool: VolumePool, obtain: @escaping @Sendable (Int) throws -> Sample) {
        precondition(held.count == items.count && pool.total == items.count, "\(held.count) samples of \(items.count) items")
        (self.items, self.pool, self.obtain) = (items, pool, obtain)
        slots = held.map { Slot($0) }
    }

    /// Samples that are at hand.
    public convenience init(_ samples: [(item: SampleItem, sample: Sample)]) {
        self.init(items: samples.map(\.item), held: samples.map(\.sample), pool: VolumePool(total: samples.count)) { index in
            preconditionFailure("sample \(index) is held and never read")
        }
    }

    public var count: Int { items.count }
    public var isEmpty: Bool { items.isEmpty }

    /// How many samples are in memory or mapped now.
    public var heldCount: Int { slots.count { $0.sample.withLock { $0 != nil } } }

    /// The sample of an item.
    /// - Parameter round: the round that it is drawn in, for a moving pool.
    /// - Throws: what reading it throws.
    public func sample(_ index: Int, round: Int = 0) throws -> Sample {
        guard pool.moves else { return try slots[index].sample.withLock { $0 } ?? obtain(index) }
        advance(to: round)
        return try hold(index)
    }

    /// The largest of the samples at the places that count, held or not; for that, those that are not held are read.
    func largest(by size: (Sample) -> Int, where counts: (Int) -> Bool) throws -> Sample? {
        var largest: Sample?
        for index in items.indices where counts(index) {
            let sample = try sample(index)
            if size(sample) > largest.map(size) ?? -1 { largest = sample }
        }
        return largest
    }

    /// The sample kept in its slot; whoever comes meanwhile waits for the one reading.
    private func hold(_ index: Int) throws -> Sample {
        try slots[index].sample.withLock { held in
            if let held { return held }
            let sample = try obtain(index)
            held = sample
            return sample
        }
    }

    /// Lets go of what neither this round nor the next one draws from, and reads what the next one needs.
    private func advance(to next: Int) {
        let isNew = round.withLock { current in
            guard next > current else { return false }
            current = next
            return true
        }
        guard isNew else { return }
        let kept = Set(pool.members(of: next)).union(pool.members(of: next + 1))
        for index in slots.indices where !kept.contains(index) {
            // Mapped samples cost nothing and were checked once.
            slots[index].sample.withLock { if let held = $0, held.heldBytes > 0 { $0 = nil } }
        }
        let coming = pool.members(of: next + 1)
        queue.async { [self] in
            for index in coming {
                guard round.withLock({ $0 }) == next else { return }
                // An error comes up again, and is thrown, when the sample is drawn.
                _ = try? hold(index)
            }
        }
    }
}
