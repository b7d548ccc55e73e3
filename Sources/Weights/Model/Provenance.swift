/// How weights came about: stored under the metadata key `provenance`.
public struct Provenance: Sendable, Codable, Equatable {
    /// The commands that made the weights, in order.
    public var commands: [String]
    /// The data they were made from, in words.
    public var data: [String]
    public var seed: UInt64?
    /// The revision of the source code.
    public var commit: String?
    /// Measured results, for example `"mean Dice": "0.81"`.
    public var results: [String: String]?
    /// Anything else, in words.
    public var note: String?

    /// A provenance of these parts.
    public init(
        commands: [String] = [], data: [String] = [], seed: UInt64? = nil, commit: String? = nil, results: [String: String]? = nil,
        note: String? = nil
    ) {
        (self.commands, self.data, self.seed, self.commit, self.results, self.note) = (commands, data, seed, commit, results, note)
    }
}
