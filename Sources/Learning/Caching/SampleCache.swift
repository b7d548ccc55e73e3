import Foundation

/// Fills sample stores: reads every item of the lists once, so that one that cannot be used is named before the first step, and keeps what the
/// options and the memory allow.
public struct SampleCache: Sendable {
    public let options: CacheOptions
    private let budget: MemoryBudget
    private let disk: DiskCache?
    private let seed: UInt64

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

        public init() {}

        /// Samples in all.
        public var count: Int { held + mapped + onDemand }

        /// A sentence for people.
        /// - Parameter section: what the samples are called, such as `training`.
        public func text(section: String) -> String {
            var parts: [String] = []
            if held > 0 { parts.append("\(held) in \((heldBytes + (1 << 20) - 1) >> 20) MiB of memory") }
            if mapped > 0 { parts.append("\(mapped) mapped from the cache") }
            if onDemand > 0 { parts.append("\(onDemand) read when needed\(refused > 0 ? " as memory does not hold more" : "")") }
            let warning = unlabelled > 0 ? "; \(unlabelled) without a single labelled voxel" : ""
            return "\(count) volumes of '\(section)': \(parts.joined(separator: ", "))\(warning)"
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
        self.seed = seed
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
        return try load(items, reader, pool: pool, wanted: wanted, isRequired: pool.moves, onSample: onSample)
    }

    /// Reads the items that validation goes through one after the other, held as far as there is memory left.
    /// - Parameter wanted: `rate` and `count` say how many are held at most.
    public func validation<Sample>(
        _ items: [SampleItem], _ reader: SampleReader<Sample>, holding wanted: CacheOptions = CacheOptions(),
        onSample: (Summary) throws -> Void = { _ in }
    ) throws -> SampleStore<Sample> {
        try load(
            items, reader, pool: VolumePool(total: items.count), wanted: Set(0..<wanted.heldCount(of: items.count)), isRequired: false,
            onSample: onSample)
    }

    private func load<Sample>(
        _ items: [SampleItem], _ reader: SampleReader<Sample>, pool: VolumePool, wanted: Set<Int>, isRequired: Bool,
        onSample: (Summary) throws -> Void
    ) throws -> SampleStore<Sample> {
        let obtain: @Sendable (Int) throws -> Sample = { [disk] index in
            try disk?.sample(items[index], reader) ?? reader.read(items[index])
        }
        var summary = Summary()
        var held: [Sample?] = []
        for index in items.indices {
            let sample = try obtain(index)
            let bytes = sample.heldBytes
            if !sample.isLabelled { summary.unlabelled += 1 }
            if bytes == 0 {
                summary.mapped += 1
                held.append(sample)
            } else if wanted.contains(index), budget.take(bytes) {
                summary.held += 1
                summary.heldBytes += bytes
                held.append(sample)
            } else {
                if wanted.contains(index) {
                    summary.refused += 1
                    if isRequired {
                        let needed = (summary.heldBytes + bytes) / (summary.held + 1) * wanted.count
                        throw LearningError.memory(needed: needed, limit: budget.limit, volumes: wanted.count, read: summary.held + 1)
                    }
                }
                summary.onDemand += 1
                held.append(nil)
            }
            try onSample(summary)
        }
        return SampleStore(items: items, held: held, pool: pool, obtain: obtain)
    }
}
