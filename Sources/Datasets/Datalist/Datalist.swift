import Foundation
import Weights

/// One section of a decathlon-style list of images and labels.
///
/// A list is a JSON object whose keys name sections (`training`, `validation`, `test`). Items are `{"image": path, "label": path}` or a bare
/// path of an image; Viscera adds two optional keys: `labelled`, the label values drawn in that case (default: all thirteen organs), and
/// `weight`, how often the case is drawn relative to the others (default 1). Paths start from the folder of the file unless another base is
/// given: MONAI's `load_decathlon_datalist` (version 0.8).
public struct Datalist: Sendable, Equatable {
    public typealias Item = DatalistItem

    /// The folder that relative paths start from.
    public let folder: URL
    /// The items of the section.
    public let items: [Item]

    public init(folder: URL, items: [Item]) {
        self.folder = folder
        self.items = items
    }

    /// Reads one section of a datalist.
    /// - Parameter base: the folder that relative paths start from; `nil`: the folder of the file.
    /// - Throws: `DatasetError.datalist` naming the file, the key path and the remedy.
    public init(contentsOf url: URL, section: String = "training", base: URL? = nil) throws(DatasetError) {
        self = try DatalistFile(contentsOf: url).section(section, base: base)
    }

    /// Whether the file holds a section of this name.
    /// - Throws: `DatasetError.datalist` when it cannot be read as a datalist at all.
    public static func hasSection(_ section: String, in url: URL) throws(DatasetError) -> Bool {
        try DatalistFile(contentsOf: url).members.contains { $0.name == section }
    }

    /// The location of a path of the list.
    public func url(_ path: String) -> URL { path.hasPrefix("/") ? URL(filePath: path) : folder.absoluteURL.appending(path: path) }

    /// The files that an item names under keys other than `image` and `label`, by key.
    ///
    /// As in MONAI, a value is a path only when the file that it would lead to exists; all else is data.
    public func additionalFiles(of item: Item) -> [String: [URL]] {
        var found: [String: [URL]] = [:]
        for member in item.others {
            let texts = member.value.text.map { [$0] } ?? member.value.elements?.compactMap(\.text) ?? []
            let files = texts.filter { !$0.isEmpty }.map(url).filter { FileManager.default.fileExists(atPath: $0.path) }
            if !files.isEmpty { found[member.name] = files }
        }
        return found
    }

    /// The same items with paths that start from another folder.
    public func rebased(to folder: URL) -> Datalist {
        let items = items.map { item in
            var item = item
            item.image = rebase(item.image, to: folder)
            item.label = item.label.map { rebase($0, to: folder) }
            let files = additionalFiles(of: item)
            item.others = item.others.map { member in
                guard files[member.name] != nil else { return member }
                if let text = member.value.text { return JSONValue.Member(member.name, .string(rebase(text, to: folder))) }
                let elements = (member.value.elements ?? []).map { element -> JSONValue in
                    guard let text = element.text, files[member.name]?.contains(url(text)) == true else { return element }
                    return .string(rebase(text, to: folder))
                }
                return JSONValue.Member(member.name, .array(elements))
            }
            return item
        }
        return Datalist(folder: folder, items: items)
    }

    /// A relative path stays relative, an absolute one absolute.
    private func rebase(_ path: String, to target: URL) -> String { path.hasPrefix("/") ? path : RelativePath.from(target, to: url(path)) }
}

/// Paths from one place to another.
package enum RelativePath {
    /// The path that leads from `folder` to `file`.
    package static func from(_ folder: URL, to file: URL) -> String {
        let start = components(folder)
        let end = components(file)
        let shared = zip(start, end).prefix { $0 == $1 }.count
        return (Array(repeating: "..", count: start.count - shared) + end[shared...]).joined(separator: "/")
    }

    private static func components(_ url: URL) -> [String] {
        url.absoluteURL.standardizedFileURL.path.split(separator: "/").map(String.init)
    }
}
