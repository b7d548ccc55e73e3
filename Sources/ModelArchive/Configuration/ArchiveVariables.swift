import Foundation
import Weights

/// The variables that `{NAME}` in a configuration stands for. Later sources win: the configuration's own globals, the environment file,
/// settings of the command line (the order that Clara Train's documentation implies).
public struct ArchiveVariables: Sendable, Equatable {
    /// A setting of the command line: `NAME=VALUE`.
    public struct Setting: Sendable, Equatable {
        public var name: String
        package var value: JSONValue

        /// - Throws: `ArchiveError.configuration` when there is no name before `=`.
        public init(parsing text: String) throws(ArchiveError) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            guard parts.count == 2, !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                throw .configuration(file: "--set", keyPath: text, reason: "expected NAME=VALUE, as in epochs=100")
            }
            self.name = name
            value = Self.literal(String(parts[1]))
        }

        /// A value as Python writes it, or text: `True`, `false`, `None`, numbers, and JSON lists.
        private static func literal(_ text: String) -> JSONValue {
            switch text {
            case "True", "true": return .bool(true)
            case "False", "false": return .bool(false)
            case "None", "null": return .null
            default: break
            }
            if let parsed = try? JSONScanner.value(of: Data(text.utf8), format: "--set") { return parsed }
            if let number = Double(text), number.isFinite, text.contains(where: \.isNumber) { return .double(number) }
            return .string(text)
        }
    }

    private var values: [String: JSONValue] = [:]

    init(globals: [JSONValue.Member], environment: [JSONValue.Member], settings: [Setting]) {
        for member in globals + environment { values[member.name] = member.value }
        for setting in settings { values[setting.name] = setting.value }
    }

    subscript(name: String) -> JSONValue? { values[name] }

    /// All names, sorted.
    var names: [String] { values.keys.sorted() }

    /// A value with every `{NAME}` replaced: a text that is nothing but one variable takes its value and type, others take its text.
    /// - Parameter used: collects the names met.
    /// - Throws: `ArchiveError.configuration` for a variable without a value.
    func substituted(_ value: JSONValue, at place: ConfigurationPlace, used: inout Set<String>, depth: Int = 0) throws(ArchiveError) -> JSONValue {
        switch value {
        case .string(let text): return try substituted(text: text, at: place, used: &used, depth: depth)
        case .array(let elements):
            var result: [JSONValue] = []
            for (index, element) in elements.enumerated() { result.append(try substituted(element, at: place[index], used: &used, depth: depth)) }
            return .array(result)
        case .object(let members):
            var result: [JSONValue.Member] = []
            for member in members {
                result.append(.init(member.name, try substituted(member.value, at: place[member.name], used: &used, depth: depth)))
            }
            return .object(result)
        default: return value
        }
    }

    private func substituted(
        text: String, at place: ConfigurationPlace, used: inout Set<String>, depth: Int
    ) throws(ArchiveError) -> JSONValue {
        guard depth < 8 else { throw place.failure("variables refer to one another in a circle") }
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            // Braces around anything but a name are text, as in Python's dictionaries.
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                result += rest[...close]
                rest = rest[rest.index(after: close)...]
                continue
            }
            guard let value = values[name] else {
                throw place.failure("the variable {\(name)} has no value; define it in the environment file or with --set \(name)=…")
            }
            used.insert(name)
            let resolved = try substituted(value, at: place, used: &used, depth: depth + 1)
            if open == text.startIndex, rest.index(after: close) == text.endIndex, result.isEmpty { return resolved }
            result += rest[..<open] + (resolved.text ?? resolved.canonicalText)
            rest = rest[rest.index(after: close)...]
        }
        return .string(result + rest)
    }
}

/// A place in a configuration, for messages.
package struct ConfigurationPlace: Sendable, Equatable {
    package var file: String
    package var keyPath: String

    package init(file: String, keyPath: String = "") { (self.file, self.keyPath) = (file, keyPath) }

    subscript(name: String) -> ConfigurationPlace { .init(file: file, keyPath: keyPath.isEmpty ? name : "\(keyPath).\(name)") }
    subscript(index: Int) -> ConfigurationPlace { .init(file: file, keyPath: "\(keyPath)[\(index)]") }

    func failure(_ reason: String) -> ArchiveError { .configuration(file: file, keyPath: keyPath, reason: reason) }
}
