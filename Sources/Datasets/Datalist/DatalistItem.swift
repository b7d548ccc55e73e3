import Weights

/// One case of a datalist.
public struct DatalistItem: Sendable, Equatable {
    /// The path of the CT, as the list gives it.
    public var image: String
    /// The path of the label map, as the list gives it.
    public var label: String?
    /// The label values drawn in this case; `nil`: all that the list knows. A key of Viscera.
    public var labelled: [UInt8]?
    /// How often the case is drawn relative to the others; `nil`: 1. A key of Viscera.
    public var weight: Double?
    /// The other members of the item, kept as they are when a list is rewritten.
    package var others: [JSONValue.Member] = []

    public init(image: String, label: String? = nil, labelled: [UInt8]? = nil, weight: Double? = nil) {
        self.image = image
        self.label = label
        self.labelled = labelled
        self.weight = weight
    }

    /// Reads an item: an object, or a text, which is the path of an image.
    /// - Parameters:
    ///   - keyPath: where the item stands in the file, for messages.
    ///   - file: the file, for messages.
    package init(_ value: JSONValue, keyPath: String, file: String) throws(DatasetError) {
        func failure(_ key: String, _ reason: String) -> DatasetError { .datalist(file: file, keyPath: keyPath + key, reason: reason) }
        if let path = value.text {
            guard !path.isEmpty else { throw failure("", "is an empty text; expected the path of an image") }
            self.init(image: path)
            return
        }
        guard let members = value.members, let image = value["image"] else {
            throw failure("", "is not an item; expected a path or {\"image\": path, \"label\": path}")
        }
        self.init(image: try Self.path(image, keyPath: keyPath + ".image", file: file))
        for member in members where member.name != "image" {
            switch member.name {
            case "label": label = member.value == .null ? nil : try Self.path(member.value, keyPath: keyPath + ".label", file: file)
            case "labelled":
                let values = member.value.elements?.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) }
                guard let values, values.count == member.value.elements?.count, !values.isEmpty else {
                    throw failure(".labelled", "expected a list of label values 0…255, found \(member.value.canonicalText)")
                }
                labelled = values
            case "weight":
                guard let number = member.value.number, number > 0, number.isFinite else {
                    throw failure(".weight", "expected a number above 0, found \(member.value.canonicalText)")
                }
                weight = number
            default: others.append(member)
            }
        }
    }

    /// A path: a text, or a list of one text. CT has one channel, so longer lists are refused.
    private static func path(_ value: JSONValue, keyPath: String, file: String) throws(DatasetError) -> String {
        if let text = value.text, !text.isEmpty { return text }
        if let texts = value.elements, texts.count == 1, let text = texts[0].text, !text.isEmpty { return text }
        if let texts = value.elements, texts.count > 1 {
            throw .datalist(file: file, keyPath: keyPath, reason: "lists \(texts.count) files; Viscera reads CT of one channel: keep one of them")
        }
        throw .datalist(file: file, keyPath: keyPath, reason: "expected the path of a file, found \(value.canonicalText)")
    }

    /// The item as a datalist holds it: a bare path where nothing but the image is known and `asPath` says so.
    package func json(asPath: Bool = false) -> JSONValue {
        if asPath, self == DatalistItem(image: image) { return .string(image) }
        var members = [JSONValue.Member("image", .string(image))]
        if let label { members.append(.init("label", .string(label))) }
        if let labelled { members.append(.init("labelled", .array(labelled.map { .integer(Int($0)) }))) }
        if let weight { members.append(.init("weight", Int(exactly: weight).map(JSONValue.integer) ?? .double(weight))) }
        return .object(members + others)
    }
}

extension JSONValue {
    /// The value of a number, whole or not.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
