/// A JSON text as values that keep the order of an object's members.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One member of an object.
    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) { (self.name, self.value) = (name, value) }
    }

    /// The members, for an object.
    package var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// The elements, for an array.
    package var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The text, for a string.
    package var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The number, for a whole number.
    package var integer: Int? {
        if case .integer(let value) = self { return value }
        return nil
    }

    /// The value of the member called `name`.
    package subscript(name: String) -> JSONValue? { members?.first { $0.name == name }?.value }
}
