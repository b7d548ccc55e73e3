import Weights

/// What became of every tensor when weights were taken over; it is printed whenever that happens.
public struct TransferReport: Codable, Sendable, Equatable, CustomStringConvertible {
    /// A tensor of the file that was left out, and why.
    public struct Skipped: Codable, Sendable, Equatable {
        public var name: String
        public var reason: String
    }

    /// Tensors that were set, by their names; those of the encoder without `vit.`.
    public var copied: [String] = []
    /// Those among them that had to be brought into another form, with what was done.
    public var adapted: [Skipped] = []
    /// Tensors of the file that were not used.
    public var skipped: [Skipped] = []
    /// Tensors wanted that the file does not hold, or holds in another shape; they keep their starting values.
    public var missing: [String] = []
    /// Prefixes removed from the file's names, such as `module.`.
    public var strippedPrefixes: [String] = []
    /// What the file does not say and was assumed, in sentences.
    public var assumptions: [String] = []

    /// What the mapping of the names did already.
    init(_ mapping: NameMappingReport) {
        strippedPrefixes = mapping.strippedPrefixes
        skipped = mapping.dropped.map { Skipped(name: $0.name, reason: $0.reason) }
        adapted = mapping.converted.map { Skipped(name: $0.name, reason: $0.reason) }
    }

    /// Whether all that was wanted was set.
    public var isComplete: Bool { missing.isEmpty && !copied.isEmpty }

    /// Counts, and every tensor that was not simply copied or that has no place; equal reasons are gathered.
    public var description: String {
        var lines = ["copied \(copied.count), skipped \(skipped.count), missing \(missing.count)"]
        if !strippedPrefixes.isEmpty { lines.append("  prefixes removed: \(strippedPrefixes.joined(separator: ", "))") }
        lines += assumptions.map { "  assumed: \($0)" }
        lines += adapted.map { "  adapted \($0.name): \($0.reason)" }
        for (reason, group) in Dictionary(grouping: skipped, by: \.reason).sorted(by: { $0.key < $1.key }) {
            lines.append("  skipped \(TransferReport.listed(group.map(\.name))): \(reason)")
        }
        if !missing.isEmpty { lines.append("  missing, so at their starting values: \(TransferReport.listed(missing))") }
        return lines.joined(separator: "\n")
    }

    private static func listed(_ names: [String]) -> String {
        names.count > 6 ? names.prefix(6).joined(separator: ", ") + " and \(names.count - 6) more" : names.joined(separator: ", ")
    }
}
