/// The tensors of a weight file, and what else was in it.
public struct LoadedWeights: Sendable {
    /// An entry of a checkpoint that is not part of the weights: epoch numbers, optimizer state and the like.
    public struct IgnoredEntry: Sendable, Equatable {
        /// The key, with the keys above it separated by dots.
        public var name: String
        /// A few words about the value.
        public var summary: String

        /// An entry of this name and description.
        public init(name: String, summary: String) { (self.name, self.summary) = (name, summary) }
    }

    /// The weights, under the names that the file gives them.
    public var state: StateDictionary
    /// The kind of file.
    public var kind: WeightFile.Kind
    /// The entry of the checkpoint that held the weights, for example `state_dict`; `nil` when they were at the top.
    public var entry: String?
    /// What else the checkpoint held.
    public var ignored: [IgnoredEntry] = []
}
