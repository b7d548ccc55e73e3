import Foundation

/// Reading of sparse JSON configurations: absent keys keep their defaults, unknown keys are refused by name.
public enum ConfigurationFile {
    /// `defaults` changed by what the JSON text says.
    /// - Throws: `LearningError.configuration` naming the key path that is unknown or of the wrong type.
    public static func read<Configuration: Codable>(_ data: Data, over defaults: Configuration) throws -> Configuration {
        guard let given = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw LearningError.configuration(keyPath: "(file)", reason: "expected a JSON object; look for a missing comma, quote or brace")
        }
        let base = try object(defaults)
        let decoded: Configuration
        do {
            let merged = try JSONSerialization.data(withJSONObject: merge(given, over: base))
            decoded = try JSONDecoder().decode(Configuration.self, from: merged)
        } catch let error as DecodingError {
            throw LearningError.configuration(keyPath: keyPath(of: error), reason: reason(of: error))
        }
        // A key that does not come back was not understood.
        if let unknown = unknownKey(in: given, known: try object(decoded), path: "") {
            let siblings = unknown.siblings.sorted().joined(separator: ", ")
            throw LearningError.configuration(keyPath: unknown.path, reason: "is not a known key; expected one of \(siblings)")
        }
        return decoded
    }

    /// A configuration as JSON text for a file, keys sorted.
    public static func text(_ configuration: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(configuration)
    }

    private static func object(_ value: some Encodable) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any] ?? [:]
    }

    private static func merge(_ given: [String: Any], over base: [String: Any]) -> [String: Any] {
        base.merging(given) { old, new in
            if let old = old as? [String: Any], let new = new as? [String: Any] { return merge(new, over: old) }
            return new
        }
    }

    private static func unknownKey(in given: [String: Any], known: [String: Any], path: String) -> (path: String, siblings: [String])? {
        for key in given.keys.sorted() {
            let place = path.isEmpty ? key : "\(path).\(key)"
            guard let value = known[key] else {
                if given[key] is NSNull { continue }
                return (place, Array(known.keys))
            }
            let pairs: [(given: Any, known: Any, path: String)]
            if let list = given[key] as? [Any], let knownList = value as? [Any] {
                pairs = zip(list, knownList).enumerated().map { ($1.0, $1.1, "\(place)[\($0)]") }
            } else {
                pairs = [(given[key] as Any, value, place)]
            }
            for pair in pairs {
                guard let inner = pair.given as? [String: Any], let knownInner = pair.known as? [String: Any] else { continue }
                if let found = unknownKey(in: inner, known: knownInner, path: pair.path) { return found }
            }
        }
        return nil
    }

    private static func keyPath(of error: DecodingError) -> String {
        let (context, last): (DecodingError.Context, [any CodingKey]) =
            switch error {
            case .keyNotFound(let key, let context): (context, [key])
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, [])
            @unknown default: (.init(codingPath: [], debugDescription: ""), [])
            }
        return (context.codingPath + last).reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
    }

    private static func reason(of error: DecodingError) -> String {
        switch error {
        case .typeMismatch(let type, _): "expected a value of type \(type)"
        case .valueNotFound(let type, _): "expected a value of type \(type), found null"
        case .keyNotFound: "is missing"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: "\(error)"
        }
    }
}
