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

    /// The archive's options with this machine's.
    func cache(_ options: CacheOptions) -> CacheOptions {
        var options = options
        if let folder = cache.folder { options.folder = folder }
        if let limit = cache.memoryLimit { options.memoryLimit = limit }
        return options
    }
}
