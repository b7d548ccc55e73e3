/// How a step spares memory; gradients stay the same to rounding. In a configuration file these keys stand at the top level.
public struct MemoryOptions: Codable, Sendable, Equatable {
    /// Whether blocks of the network keep their input and output alone and are computed once more on the way back (Chen et al. 2016).
    public var activationCheckpointing = false
    /// The most samples that go through the network at a time; `nil`: the whole batch.
    public var microBatch: Int?

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate() throws(LearningError) {
        guard microBatch ?? 1 > 0 else { throw .configuration(keyPath: "microBatch", reason: "expected at least 1, found \(microBatch ?? 0)") }
    }
}
