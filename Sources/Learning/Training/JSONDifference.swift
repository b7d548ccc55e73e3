import Foundation

/// Comparison of JSON documents.
enum JSONDifference {
    /// The first key path at which two JSON texts differ, with both values, or `nil` when they say the same.
    static func first(expected: String, found: String) -> String? {
        func value(_ text: String) -> Any? { try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) }
        guard let one = value(expected), let other = value(found) else { return expected == found ? nil : "it does not read as JSON" }
        return difference(one, other, path: "")
    }

    private static func difference(_ one: Any?, _ other: Any?, path: String) -> String? {
        if let one = one as? [String: Any], let other = other as? [String: Any] {
            for key in Set(one.keys).union(other.keys).sorted() {
                if let found = difference(one[key], other[key], path: path.isEmpty ? key : "\(path).\(key)") { return found }
            }
            return nil
        }
        if let one = one as? NSObject, let other = other as? NSObject, one == other { return nil }
        return "\(path) was \(text(one)), is now \(text(other))"
    }

    private static func text(_ value: Any?) -> String {
        guard let value else { return "not set" }
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
