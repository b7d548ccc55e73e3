/// What became of the names of a weight file on the way to or from the canonical ones.
public struct NameMappingReport: Sendable, Equatable {
    /// A tensor and why it was treated so.
    public struct Entry: Sendable, Equatable {
        public var name: String
        public var reason: String
    }

    /// The MONAI generation that the file belongs to, or was written for.
    public var generation: MONAIGeneration?
    /// Prefixes removed from names, in order, such as `module.`.
    public var strippedPrefixes: [String] = []
    /// Tensors left out, by their names in the file.
    public var dropped: [Entry] = []
    /// Tensors whose name or layout changed.
    public var converted: [Entry] = []
    /// Tensors added for a MONAI generation that expects them.
    public var added: [Entry] = []

    /// Whether nothing at all was changed.
    public var isIdentity: Bool { strippedPrefixes.isEmpty && dropped.isEmpty && converted.isEmpty && added.isEmpty }
}

extension NameMappingReport: CustomStringConvertible {
    /// One line for each kind of change, with counts and an example.
    public var description: String {
        var lines: [String] = []
        if !strippedPrefixes.isEmpty { lines.append("prefixes stripped: \(strippedPrefixes.joined(separator: ", "))") }
        for (what, entries) in [("dropped", dropped), ("converted", converted), ("added", added)] {
            let groups = Dictionary(grouping: entries, by: \.reason).sorted { $0.key < $1.key }
            for (reason, group) in groups {
                let example = group.count == 1 ? group[0].name : "\(group.count) tensors, \(group[0].name) …"
                lines.append("\(what): \(example) (\(reason))")
            }
        }
        return lines.isEmpty ? "names unchanged" : lines.joined(separator: "\n")
    }
}
