import Weights

/// Reads components and refuses whatever the table does not know.
struct ComponentReader {
    /// What was accepted without an effect, in sentences.
    private(set) var notes: [String] = []

    private static let members: Set<String> = ["name", "path", "args", "disabled", "rank", "log_label"]
    private static let dataMembers: Set<String> = ["data_list_file_path", "data_file_base_dir", "data_list_key"]

    /// The component in `value`, or `nil` when it is disabled.
    /// - Throws: `ArchiveError.configuration` naming the key path.
    mutating func component(_ value: JSONValue, slot: ComponentSlot, at place: ConfigurationPlace) throws(ArchiveError) -> Component? {
        guard let members = value.members else {
            throw place.failure("expected a component {\"name\": …, \"args\": {…}}, found \(value.canonicalText)")
        }
        let known = slot == .dataset ? Self.members.union(Self.dataMembers) : Self.members
        for member in members where !known.contains(member.name) {
            throw place[member.name].failure("is no key of a component; known are \(known.sorted().joined(separator: ", "))")
        }
        if try flag(value["disabled"], at: place["disabled"]) { return nil }
        let (name, schema) = try schema(of: value, slot: slot, at: place)
        var component = Component(
            name: name, arguments: value["args"]?.members ?? [], rank: value["rank"]?.integer, logLabel: value["log_label"]?.text,
            settings: members.filter { Self.dataMembers.contains($0.name) }, place: place)
        if let arguments = value["args"], arguments.members == nil {
            throw place["args"].failure("expected an object, found \(arguments.canonicalText)")
        }
        component.arguments.removeAll { $0.value == .null }
        for argument in component.arguments { try check(argument, of: name, schema: schema, slot: slot, at: place["args"][argument.name]) }
        return component
    }

    private func flag(_ value: JSONValue?, at place: ConfigurationPlace) throws(ArchiveError) -> Bool {
        switch value {
        case nil: return false
        case .bool(let flag): return flag
        case .some(let other): throw place.failure("expected true or false, found \(other.canonicalText)")
        }
    }

    private func schema(
        of value: JSONValue, slot: ComponentSlot, at place: ConfigurationPlace
    ) throws(ArchiveError) -> (String, ComponentTable.Schema) {
        let schemas = ComponentTable.schemas[slot] ?? [:]
        let listed = schemas.keys.sorted().joined(separator: ", ")
        let name: String
        if let path = value["path"]?.text {
            guard let known = ComponentTable.paths[path] else {
                throw place["path"].failure("'\(path)' is code of one's own, which Viscera does not run; use one of \(listed)")
            }
            name = known
        } else {
            guard let text = value["name"]?.text else { throw place.failure("a component needs a name; here may stand \(listed)") }
            name = text
        }
        guard let schema = schemas[name] else { throw place["name"].failure("'\(name)' is not known here; known are \(listed)") }
        return (name, schema)
    }

    private mutating func check(
        _ argument: JSONValue.Member, of name: String, schema: ComponentTable.Schema, slot: ComponentSlot, at place: ConfigurationPlace
    ) throws(ArchiveError) {
        guard let kind = schema[argument.name] else {
            throw place.failure("\(name) has no such argument; it has \(schema.keys.sorted().joined(separator: ", "))")
        }
        if let reason = ComponentTable.withoutEffect[argument.name] { notes.append("\(place.keyPath) has no effect: \(reason)") }
        switch kind {
        case .object: try ConfigurationExpression.check(argument.value, at: place)
        case .objects:
            for member in argument.value.members ?? [] { try ConfigurationExpression.check(member.value, at: place[member.name]) }
            guard argument.value.members != nil || argument.value.elements?.allSatisfy({ $0.text != nil }) == true else {
                throw place.failure("expected {\"model\": \"@model\"} or [\"model\"], found \(argument.value.canonicalText)")
            }
        case .components:
            guard let elements = argument.value.elements else { throw place.failure("expected a list of components") }
            for (index, element) in elements.enumerated() { _ = try component(element, slot: slot, at: place[index]) }
        default:
            guard Self.fits(argument.value, kind) else { throw place.failure("expected \(Self.words(kind)), found \(argument.value.canonicalText)") }
        }
    }

    private static func fits(_ value: JSONValue, _ kind: ArgumentKind) -> Bool {
        func isInteger(_ value: JSONValue) -> Bool { value.number.flatMap { Int(exactly: $0) } != nil }
        func isFlag(_ value: JSONValue) -> Bool { if case .bool = value { true } else { false } }
        func oneOrMany(_ test: (JSONValue) -> Bool) -> Bool { value.elements.map { !$0.isEmpty && $0.allSatisfy(test) } ?? test(value) }
        return switch kind {
        case .number: value.number != nil
        case .integer: isInteger(value)
        case .flag: isFlag(value)
        case .text: value.text != nil && !ConfigurationExpression.isExpression(value)
        case .numbers: oneOrMany { $0.number != nil }
        case .integers: oneOrMany(isInteger)
        case .texts: oneOrMany { $0.text != nil && !ConfigurationExpression.isExpression($0) }
        case .flags: oneOrMany(isFlag)
        case .counts: oneOrMany { isFlag($0) || isInteger($0) || $0 == .null }
        case .object, .objects, .components: true
        }
    }

    private static func words(_ kind: ArgumentKind) -> String {
        switch kind {
        case .number: "a number"
        case .integer: "a whole number"
        case .flag: "true or false"
        case .text: "a text"
        case .numbers: "a number or a list of numbers"
        case .integers: "a whole number or a list of them"
        case .texts: "a text or a list of texts"
        case .flags: "true, false or a list of these"
        case .counts: "true, false, a count or a list of these"
        case .object: "a reference or an expression"
        case .objects: "references"
        case .components: "a list of components"
        }
    }
}
