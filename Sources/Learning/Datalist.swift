import Foundation
import MedicalImaging

/// A decathlon-style list of images and labels (specification §6.6): an object whose keys name sections.
///
/// Items are `{"image": path, "label": path}`; Viscera adds two optional keys: `"labelled"`, the label values drawn in that case (default: all
/// thirteen organs), and `"weight"`, how often the case is drawn relative to the others (default 1). Paths are relative to the folder of the file.
public struct Datalist: Sendable {
    public struct Item: Codable, Sendable, Equatable {
        public var image: String
        public var label: String?
        public var labelled: [UInt8]?
        public var weight: Double?

        public init(image: String, label: String? = nil, labelled: [UInt8]? = nil, weight: Double? = nil) {
            self.image = image
            self.label = label
            self.labelled = labelled
            self.weight = weight
        }
    }

    /// The folder that relative paths start from.
    public let folder: URL
    /// The items of the chosen section.
    public let items: [Item]

    /// Reads one section of a datalist.
    /// - Throws: `LearningError.datalist` naming the file, the key and the remedy.
    public init(contentsOf url: URL, section: String = "training") throws(LearningError) {
        let file = url.path
        folder = url.deletingLastPathComponent()
        let object = try Self.object(url, section: section)
        guard let list = object[section] as? [Any] else {
            throw .datalist(file: file, reason: "has no list '\(section)'; found the keys \(object.keys.sorted())")
        }
        var parsed: [Item] = []
        for (index, entry) in list.enumerated() {
            if let path = entry as? String {
                parsed.append(Item(image: path))
                continue
            }
            guard let fields = entry as? [String: Any], let bytes = try? JSONSerialization.data(withJSONObject: fields),
                let item = try? JSONDecoder().decode(Item.self, from: bytes)
            else { throw .datalist(file: file, reason: "\(section)[\(index)] is not an item; expected {\"image\": path, \"label\": path}") }
            parsed.append(item)
        }
        guard !parsed.isEmpty else { throw .datalist(file: file, reason: "the list '\(section)' is empty; expected at least one item") }
        items = parsed
    }

    /// Whether the file holds a section of this name.
    /// - Throws: `LearningError.datalist` when it cannot be read as a datalist at all.
    public static func hasSection(_ section: String, in url: URL) throws(LearningError) -> Bool {
        try object(url, section: section)[section] != nil
    }

    private static func object(_ url: URL, section: String) throws(LearningError) -> [String: Any] {
        let data: Data
        do { data = try Data(contentsOf: url) } catch { throw .datalist(file: url.path, reason: "cannot be read; expected a JSON file") }
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw .datalist(file: url.path, reason: "is not a JSON object; expected {\"\(section)\": [{\"image\": …, \"label\": …}, …]}")
        }
        return object
    }

    /// The location of a path of the list.
    public func url(_ path: String) -> URL { URL(filePath: path, relativeTo: folder).absoluteURL }
}
