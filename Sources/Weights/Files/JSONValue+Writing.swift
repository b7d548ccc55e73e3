extension JSONValue {
    /// The value as JSON text (RFC 8259) with its members in their order, one per line and indented by two spaces.
    ///
    /// Arrays of numbers and texts stay on one line. Numbers that are not finite, which JSON cannot hold, become `null`.
    package var prettyText: String {
        var text = ""
        write(to: &text, depth: 0)
        return text + "\n"
    }

    /// The value as JSON text without white space and with members sorted by name: equal content gives equal text.
    package var canonicalText: String {
        switch self {
        case .array(let elements): "[" + elements.map(\.canonicalText).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.name < $1.name }.map { Self.quoted($0.name) + ":" + $0.value.canonicalText }.joined(separator: ",") + "}"
        default: scalarText
        }
    }

    private func write(to text: inout String, depth: Int) {
        let indentation = String(repeating: "  ", count: depth + 1)
        let end = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .array(let elements) where elements.allSatisfy(\.isScalar):
            text += "[" + elements.map(\.scalarText).joined(separator: ", ") + "]"
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + indentation
                element.write(to: &text, depth: depth + 1)
            }
            text += end + "]"
        case .object(let members) where members.isEmpty: text += "{}"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + indentation + Self.quoted(member.name) + ": "
                member.value.write(to: &text, depth: depth + 1)
            }
            text += end + "}"
        default: text += scalarText
        }
    }

    private var isScalar: Bool { members == nil && elements == nil }

    private var scalarText: String {
        switch self {
        case .null, .array, .object: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .double(let value): value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.quoted(value)
        }
    }

    /// A text between quotation marks, with the escapes that JSON demands.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
