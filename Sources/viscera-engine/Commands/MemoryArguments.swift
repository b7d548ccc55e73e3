import ArgumentParser
import Learning

/// How a training keeps its volumes at hand and spares memory.
struct MemoryArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep preprocessed volumes in this folder, for later runs and other processes; they are mapped from there and take no memory.",
            valueName: "folder"), completion: .directory)
    var cache: String?

    @Option(help: "The share of the volumes held in memory; the others are read when needed (default: as many as fit).")
    var cacheRate: Double?

    @Option(help: "The number of volumes held in memory.")
    var cacheNum: Int?

    @Option(help: "Show the held volumes alone, and exchange this share of them after every epoch.")
    var replaceRate: Double?

    @Option(help: ArgumentHelp("The most memory for volumes, such as 8GB (default: three quarters of what is free).", valueName: "size"))
    var memory: ByteCount?

    @Option(
        help: ArgumentHelp(
            "The most memory for tensors, such as 8GB; a run that needs more ends with an error that says so (default: what the machine has).",
            valueName: "size"))
    var maxMemory: ByteCount?

    @Option(
        help: ArgumentHelp("The most samples that go through the network at a time; gradients are those of the whole batch.", valueName: "samples"))
    var microBatch: Int?

    @Flag(help: "Compute the network's blocks once more on the way back instead of keeping all they compute: less memory, about a third more time.")
    var checkpointActivations = false

    /// Changes a configuration as the options say.
    func apply(to cache: inout CacheOptions, _ memory: inout MemoryOptions) {
        if let cacheRate { cache.rate = cacheRate }
        if let cacheNum { cache.count = cacheNum }
        if let replaceRate { cache.replaceRate = replaceRate }
        applyMachine(to: &cache, &memory)
    }

    /// The part that concerns the machine and not what is learnt, which goes with an archive, too.
    func applyMachine(to cache: inout CacheOptions, _ memory: inout MemoryOptions) {
        if let folder = self.cache { cache.folder = folder }
        if let bytes = self.memory?.bytes { cache.memoryLimit = bytes }
        if let microBatch { memory.microBatch = microBatch }
        if checkpointActivations { memory.activationCheckpointing = true }
    }
}
