/// Which preprocessed volumes a run keeps at hand; `rate`, `count` and `replaceRate` mean what `cache_rate`, `cache_num` and `replace_rate` mean to
/// MONAI 1.6 `CacheDataset` and `SmartCacheDataset`.
///
/// Without `rate` and `count` as many volumes are held as the memory limit allows. The others are read again whenever they are needed, or, with a
/// `folder`, mapped from the files there. None of this but a `replaceRate` changes what a step sees.
public struct CacheOptions: Codable, Sendable, Equatable {
    /// The share of the volumes that are held, 0…1 (`cache_rate`).
    public var rate: Double?
    /// The number of volumes that are held (`cache_num`).
    public var count: Int?
    /// The share of the held volumes that every epoch exchanges for others (`replace_rate`); an epoch then shows the held volumes alone. `nil`: an
    /// epoch shows all volumes.
    public var replaceRate: Double?
    /// Where preprocessed volumes are kept from run to run.
    public var folder: String?
    /// The most bytes of memory that held volumes take; `nil`: three quarters of what is free at the start, shared among the processes of a run.
    public var memoryLimit: Int?

    public init() {}

    /// How many of `total` volumes may be held: min(count, ⌊total · rate⌋, total), as MONAI counts them.
    public func heldCount(of total: Int) -> Int {
        let share = rate.map { Int(Double(total) * $0) } ?? total
        return max(0, min(count ?? total, share, total))
    }

    /// The volumes that each round of a run over `total` volumes draws from.
    public func pool(of total: Int, seed: UInt64) -> VolumePool {
        guard let replaceRate, total > 0 else { return VolumePool(total: total) }
        let size = max(1, heldCount(of: total))
        let replaced = min(Int((Double(size) * replaceRate).rounded(.up)), total - size)
        return VolumePool(total: total, size: size, replaced: replaced, seed: seed)
    }

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate(path: String = "cache") throws(LearningError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(LearningError) {
            if !holds { throw .configuration(keyPath: "\(path).\(key)", reason: "expected \(expected), found \(found)") }
        }
        try require(rate.map { (0...1).contains($0) } ?? true, "rate", "a share 0…1", rate ?? 0)
        try require(count.map { $0 >= 0 } ?? true, "count", "at least 0", count ?? 0)
        try require(replaceRate.map { $0 > 0 && $0 <= 1 } ?? true, "replaceRate", "a share above 0 and at most 1", replaceRate ?? 0)
        try require(memoryLimit.map { $0 > 0 } ?? true, "memoryLimit", "bytes above 0", memoryLimit ?? 0)
        try require(folder != "", "folder", "the path of a folder", "an empty text")
        guard replaceRate == nil || rate != nil || count != nil else {
            throw .configuration(
                keyPath: "\(path).replaceRate",
                reason: "needs \(path).count or \(path).rate: how many volumes an epoch shows must not depend on the memory that happens to be free")
        }
    }
}
