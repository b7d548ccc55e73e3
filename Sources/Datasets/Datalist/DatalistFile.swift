import Foundation
import Weights

/// A datalist as a whole: its sections and all that it says beside them, in the order of the file.
public struct DatalistFile: Sendable, Equatable {
    /// The file, for messages and for relative paths.
    public let url: URL
    /// The members of the object.
    package var members: [JSONValue.Member]

    /// The sections that the format knows.
    public static let knownSections = ["training", "validation", "test", "testing"]

    /// A list to be written to `url`.
    package init(url: URL, members: [JSONValue.Member] = []) {
        self.url = url
        self.members = members
    }

    /// Reads a datalist.
    /// - Throws: `DatasetError.datalist` when the file cannot be read or is no JSON object.
    public init(contentsOf url: URL) throws(DatasetError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw .datalist(file: url.path, keyPath: "", reason: "cannot be read; expected a JSON file")
        }
        let value: JSONValue
        do { value = try JSONScanner.value(of: data, format: "JSON") } catch {
            throw .datalist(
                file: url.path, keyPath: "", reason: "is not a JSON object: \(error.problem); expected {\"training\": [{\"image\": …}, …]}")
        }
        guard let members = value.members else {
            throw .datalist(file: url.path, keyPath: "", reason: "is not a JSON object; expected {\"training\": [{\"image\": …}, …]}")
        }
        self.init(url: url, members: members)
    }

    /// The names of the sections that are not empty, in the order of the file: the known ones, and others that hold items with images.
    public var sections: [String] {
        members.filter { member in
            guard let elements = member.value.elements, !elements.isEmpty else { return false }
            return Self.knownSections.contains(member.name) || elements.allSatisfy { $0["image"] != nil }
        }.map(\.name)
    }

    /// The items of a section.
    /// - Parameter base: the folder that relative paths start from; `nil`: the folder of the file.
    /// - Throws: `DatasetError.datalist` when the section is missing, empty, or holds something that is no item.
    public func section(_ name: String, base: URL? = nil) throws(DatasetError) -> Datalist {
        guard let value = members.first(where: { $0.name == name })?.value, let elements = value.elements else {
            let found = sections.isEmpty ? "it has no sections" : "it has \(sections.joined(separator: ", "))"
            throw .datalist(file: url.path, keyPath: name, reason: "has no list '\(name)': \(found); choose one of its sections")
        }
        guard !elements.isEmpty else {
            throw .datalist(file: url.path, keyPath: name, reason: "the list '\(name)' is empty; expected at least one item")
        }
        var items: [DatalistItem] = []
        for (index, element) in elements.enumerated() {
            items.append(try DatalistItem(element, keyPath: "\(name)[\(index)]", file: url.path))
        }
        return Datalist(folder: base ?? url.deletingLastPathComponent(), items: items)
    }

    /// The names of label values, from the member `labels`; `nil` when there is none.
    /// - Throws: `DatasetError.datalist` when it is not a map of label values to names.
    public func labelNames() throws(DatasetError) -> [UInt8: String]? {
        guard let value = members.first(where: { $0.name == "labels" })?.value else { return nil }
        guard let entries = value.members else { throw .datalist(file: url.path, keyPath: "labels", reason: "expected {\"0\": \"background\", …}") }
        var names: [UInt8: String] = [:]
        for entry in entries {
            // Newer decathlon lists turn the map round: name to value.
            if let label = UInt8(entry.name), let name = entry.value.text {
                names[label] = name
            } else if let label = entry.value.integer.flatMap(UInt8.init(exactly:)) {
                names[label] = entry.name
            } else {
                throw .datalist(
                    file: url.path, keyPath: "labels.\(entry.name)", reason: "expected a label value 0…255 and its name, as in \"1\": \"spleen\"")
            }
        }
        return names
    }

    /// Replaces or adds a section; everything else stays.
    public mutating func setSection(_ name: String, _ items: [DatalistItem]) {
        let previous = members.firstIndex { $0.name == name }
        let arePaths = previous.map { members[$0].value.elements?.first?.text != nil } ?? name.hasPrefix("test")
        let value = JSONValue.array(items.map { $0.json(asPath: arePaths) })
        if let previous { members[previous].value = value } else { members.append(JSONValue.Member(name, value)) }
    }

    /// Removes a section.
    public mutating func removeSection(_ name: String) { members.removeAll { $0.name == name } }

    /// The list as JSON.
    public var text: String { JSONValue.object(members).prettyText }

    /// SHA-256 of the content, in hexadecimal; white space and the order of members do not matter.
    public var contentHash: String { ContentHash.sha256(of: JSONValue.object(members).canonicalText) }
}

extension DatalistFile {
    /// The list as it would be written to another place: the paths of all sections start from there.
    public func moved(to url: URL) throws(DatasetError) -> DatalistFile {
        var result = DatalistFile(url: url, members: members)
        for name in sections {
            result.setSection(name, try section(name).rebased(to: url.deletingLastPathComponent()).items)
        }
        return result
    }
}
