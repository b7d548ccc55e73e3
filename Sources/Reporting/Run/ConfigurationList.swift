import Foundation

/// A JSON configuration as a flat list: one line per value, named by its key path.
enum ConfigurationList {
    /// The key paths and values of a JSON object in the order of the names; none of empty data.
    static func facts(of configuration: Data) throws(ReportingError) -> [ReportFact] {
        guard !configuration.isEmpty else { return [] }
        let value: ConfigurationValue
        do { value = try JSONDecoder().decode(ConfigurationValue.self, from: configuration) } catch {
            throw .configuration(reason: "data that is not JSON")
        }
        guard case .object(let members) = value else { throw .configuration(reason: "the JSON value \(value.text)") }
        return facts(of: members, under: "")
    }

    private static func facts(of members: [String: ConfigurationValue], under path: String) -> [ReportFact] {
        members.sorted { $0.key < $1.key }.flatMap { key, value -> [ReportFact] in
            let name = path.isEmpty ? key : "\(path).\(key)"
            if case .object(let inner) = value, !inner.isEmpty { return facts(of: inner, under: name) }
            return [ReportFact(name, value.text)]
        }
    }
}

/// Any JSON value, as far as its text matters.
private enum ConfigurationValue: Decodable {
    case object([String: ConfigurationValue])
    case list([ConfigurationValue])
    case single(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .single("null")
        } else if let truth = try? container.decode(Bool.self) {
            self = .single("\(truth)")
        } else if let number = try? container.decode(Int.self) {
            self = .single("\(number)")
        } else if let number = try? container.decode(Double.self) {
            self = .single("\(number)")
        } else if let text = try? container.decode(String.self) {
            self = .single(text)
        } else if let list = try? container.decode([ConfigurationValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: ConfigurationValue].self))
        }
    }

    var text: String {
        switch self {
        case .single(let text): text
        case .list(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .object(let members): "{\(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }
}
