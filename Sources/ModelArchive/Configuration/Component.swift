import Weights

/// One component of a configuration, checked against the table of known ones, with all variables replaced.
struct Component: Sendable, Equatable {
    var name: String
    var arguments: [JSONValue.Member]
    /// The rank of the process that runs it; `nil`: all.
    var rank: Int?
    /// What a metric is called in logs and files.
    var logLabel: String?
    /// Members beside the usual ones: where a data set comes from.
    var settings: [JSONValue.Member]
    var place: ConfigurationPlace

    subscript(name: String) -> JSONValue? { arguments.first { $0.name == name }?.value }

    /// Where an argument stands, for messages.
    func place(_ argument: String) -> ConfigurationPlace { place["args"][argument] }

    // The kinds were checked on reading; absent arguments and null take the default.
    func number(_ name: String) -> Double? { self[name]?.number }
    func integer(_ name: String) -> Int? { self[name]?.number.flatMap { Int(exactly: $0) } }
    func flag(_ name: String) -> Bool? { if case .bool(let value) = self[name] { value } else { nil } }
    func text(_ name: String) -> String? { self[name]?.text }
    func numbers(_ name: String) -> [Double]? { self[name].flatMap { $0.number.map { [$0] } ?? $0.elements?.compactMap(\.number) } }
    func texts(_ name: String) -> [String]? { self[name].flatMap { $0.text.map { [$0] } ?? $0.elements?.compactMap(\.text) } }

    /// Three whole numbers: a list of three, or one for all axes.
    func shape(_ name: String) throws(ArchiveError) -> [Int]? {
        guard let values = numbers(name) else { return nil }
        let whole = values.compactMap { Int(exactly: $0) }
        guard whole.count == values.count, [1, 3].contains(whole.count) else {
            throw place(name).failure("expected one or three whole numbers, found \(self[name]?.canonicalText ?? "nothing")")
        }
        return whole.count == 1 ? [whole[0], whole[0], whole[0]] : whole
    }

    /// An argument that must be there.
    func required<Value>(_ name: String, _ value: Value?) throws(ArchiveError) -> Value {
        guard let value else { throw place(name).failure("is missing; \(self.name) needs it") }
        return value
    }

    /// Refuses values of an argument that Viscera does not compute.
    func require(_ name: String, _ holds: Bool, _ expected: String) throws(ArchiveError) {
        guard holds else { throw place(name).failure("expected \(expected), found \(self[name]?.canonicalText ?? "nothing")") }
    }
}
