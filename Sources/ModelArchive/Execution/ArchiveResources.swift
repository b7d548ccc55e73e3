import Datasets
import Learning
import Torch

/// What a machine gives to the training of an archive; none of it changes what is learnt.
public struct ArchiveResources: Sendable {
    public var device: Device
    /// Where volumes are kept, and how much memory they may take; what the archive says about rates and numbers stays.
    public var cache = CacheOptions()
    /// How steps spare memory.
    public var memory = MemoryOptions()
    /// How many processes of the run share this machine.
    public var localProcesses = 1
    /// Told of what happens to a cache on disk, in one sentence each.
    public var onNote: @Sendable (String) -> Void = { _ in }

    public init(device: Device = .cpu) { self.device = device }

    /// Puts this machine's options in the place of the archive's, and makes the cache that they ask for.
    func cache(_ options: inout CacheOptions, _ memory: inout MemoryOptions, seed: UInt64) throws(LearningError) -> SampleCache {
        if let folder = cache.folder { options.folder = folder }
        if let limit = cache.memoryLimit { options.memoryLimit = limit }
        memory = self.memory
        return try SampleCache(options, seed: seed, processes: localProcesses, onNote: onNote)
    }
}

extension DataSource {
    /// The list, read.
    func datalist() throws -> Datalist { try Datalist(contentsOf: list, section: section, base: base) }

    /// The cases of the list.
    func items() throws -> [SampleItem] { SampleItem.items(of: [try datalist()]) }
}
