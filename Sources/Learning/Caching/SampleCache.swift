import Foundation

/// Fills sample stores: reads every item of the lists once, so that one that cannot be used is named before the first step, and keeps what the
/// options and the memory allow.
public struct SampleCache: Sendable {
    public let options: CacheOptions
    private let budget: MemoryBudget
    private let disk: DiskCache?
    private let seed: UInt64
    /// How many processes share this machine.
    private let processes: Int

    /// How many samples are where.
    public struct Summary: Sendable, Equatable {
        /// In memory of this process, and the bytes that they take there.
        public var held = 0
        public var heldBytes = 0
        /// Mapped from a cache on disk.
        public var mapped = 0
        /// Read whenever they are needed.
        public var onDemand = 0
        /// Samples that the options wanted held and the memory limit did not allow.
        public var refused = 0
        /// Samples without a single labelled voxel, where labels matter.
        public var unlabelled = 0
        /// Samples that other processes of the run look after.
        public var elsewhere = 0

        public init() {}

        /// Samples that this process has read.
        public var count: Int { held + mapped + onDemand }

        /// A sentence for people.
        /// - Parameter section: what the samples are called, such as `training`.
        public func text(section: String) -> String {
            var parts: [String] = []
            if held > 0 { parts.append("\(held) in \((heldBytes + (1 << 20) - 1) >> 20) MiB of memory") }
            if mapped > 0 { parts.append("\(mapped) mapped from the cache") }
            if onDemand > 0 { parts.append("\(onDemand) read when needed\(refused > 0 ? " as memory does not hold more" : "")") }
            let warning = unlabelled > 0 ? "; \(unlabelled) without a single labelled voxel" : ""
            let whole = elsewhere > 0 ? " of \(count + elsewhere)" : ""
            if elsewhere > 0 { parts.append("the rest with the other processes") }
            return "\(count)\(whole) volumes of '\(section)': \(parts.joined(separator: ", "))\(warning)"
        }
    }

    /// - Parameters:
    ///   - seed: of the run, for the order of a moving pool.
    ///   - processes: how many processes share this machine's memory.
    ///   - onNote: told of what happens to a cache on disk, in one sentence each.
    /// - Throws: `LearningError.configuration` for options that cannot be used.
    public init(
        _ options: CacheOptions, seed: UInt64, processes: Int = 1, onNote: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(LearningError) {
        try options.validate()
        self.options = options
        (self.seed, self.processes) = (seed, max(1, processes))
        budget = MemoryBudget(limit: options.memoryLimit, processes: processes)
        if let folder = options.folder {
            disk = try DiskCache(URL(filePath: folder, directoryHint: .isDirectory), onNote: onNote)
        } else {
            disk = nil
        }
    }

    /// Reads the items that training draws from.
    /// - Parameter onSample: told what is where after each item.
    /// - Throws: `LearningError.sample` naming an item that cannot be used, `ImageError` from reading, and `LearningError.memory` when the volumes of
    ///   a moving pool do not fit.
    public func training<Sample>(
        _ items: [SampleItem], _ reader: SampleReader<Sample>, onSample: (Summary) throws -> Void = { _ in }
    ) throws -> SampleStore<Sample> {
        let pool = options.pool(of: items.count, seed: seed)
        let wanted = pool.moves ? Set(pool.members(of: 0)).union(pool.members(of: 1)) : Set(0..<options.heldCount(of: items.count))
        let demand = Demand(pool: pool, wanted: wanted, isRequired: pool.moves)
        return try load(items, reader, demand, onSample: onSample)
    }

    /// Reads the items that validation goes through one after the other, held as far as there is memory left.
    /// - Parameters:
    ///   - wanted: `rate` and `count` say how many are held at most.
    ///   - shares: which of them this process looks after; the others' are not read now.
    public func validation<Sample>(
        _ items: [SampleItem], _ reader: SampleReader<Sample>, holding wanted: CacheOptions = CacheOptions(), among shares: WorkShares = WorkShares(),
        onSample: (Summary) throws -> Void = { _ in }
    ) throws -> SampleStore<Sample> {
        let demand = Demand(pool: VolumePool(total: items.count), wanted: Set(0..<wanted.heldCount(of: items.count)), isOwn: shares.isOwn)
        return try load(items, reader, demand, onSample: onSample)
    }

    /// What is to be read, and held.
    private struct Demand {
        var pool: VolumePool
        /// The items that are to be held.
        var wanted: Set<Int>
        /// Whether it is an error when they do not fit.
        var isRequired = false
        /// Which items are read.
        var isOwn: (Int) -> Bool = { _ in true }
    }

    /// Reads several items at a time and takes them in the order of the list, so that what is held, and which error is thrown, do not depend on how
    /// fast the files are.
    private func load<Sample>(
        _ items: [SampleItem], _ reader: SampleReader<Sample>, _ demand: Demand, onSample: (Summary) throws -> Void
    ) throws -> SampleStore<Sample> {
        let obtain: @Sendable (Int) throws -> Sample = { [disk] index in
            try disk?.sample(items[index], reader) ?? reader.read(items[index])
        }
        let own = items.indices.filter(demand.isOwn)
        let readers = ItemReading<Sample>.concurrency(of: own.map { items[$0] }, processes: processes)
        let loader = BatchLoader(ItemReading(indices: own, read: obtain), depth: readers - 1, end: own.count)
        var summary = Summary()
        summary.elsewhere = items.count - own.count
        var held = [Sample?](repeating: nil, count: items.count)
        for (position, index) in own.enumerated() {
            let sample = try loader.batch(at: position)
            if try take(sample, isWanted: demand.wanted.contains(index), demand, &summary) { held[index] = sample }
            try onSample(summary)
        }
        return SampleStore(items: items, held: held, pool: demand.pool, obtain: obtain)
    }

    /// Whether a sample stays at hand; takes note of it.
    private func take(_ sample: some CachedSample, isWanted: Bool, _ demand: Demand, _ summary: inout Summary) throws -> Bool {
        let bytes = sample.heldBytes
        if !sample.isLabelled { summary.unlabelled += 1 }
        if bytes == 0 {
            summary.mapped += 1
            return true
        }
        if isWanted, budget.take(bytes) {
            summary.held += 1
            summary.heldBytes += bytes
            return true
        }
        if isWanted {
            summary.refused += 1
            if demand.isRequired {
                let needed = (summary.heldBytes + bytes) / (summary.held + 1) * demand.wanted.count
                throw LearningError.memory(needed: needed, limit: budget.limit, volumes: demand.wanted.count, read: summary.held + 1)
            }
        }
        summary.onDemand += 1
        return false
    }
}
