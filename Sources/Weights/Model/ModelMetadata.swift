import Foundation

/// What a Viscera model file says about itself, beside its tensors: the metadata keys of format `viscera/1`.
///
/// | key | content |
/// |---|---|
/// | `format` | `viscera/1` |
/// | `architecture` | JSON: `Architecture` |
/// | `classes` | JSON: one name per output channel, the background first |
/// | `recipe` | JSON: the preprocessing recipe |
/// | `roi` | JSON: the window [X, Y, Z] in voxels that inference slides |
/// | `provenance` | JSON: `Provenance`, or plain text |
/// | `license` | the licence's name |
/// | `card` | the model card, Markdown |
/// | `postprocessing` | JSON: `Postprocessing`, what is done to the network's label maps |
public struct ModelMetadata: Sendable, Equatable {
    /// The value of `format`.
    public static let format = "viscera/1"

    public var architecture: Architecture
    /// One name per output channel, the background first; empty for networks that do not segment.
    public var classes: [String] = []
    /// The preprocessing recipe as JSON text; see `recipe(as:)` and `setRecipe(_:)`.
    public var recipe: String?
    /// The window [X, Y, Z] in voxels that inference slides.
    public var roi: [Int]?
    public var provenance: Provenance?
    public var license: String?
    /// The model card, Markdown.
    public var card: String?
    /// What is done to the network's label maps; nothing when absent.
    public var postprocessing: Postprocessing?
    /// Entries under other keys, kept as they are.
    public var other: [String: String] = [:]

    /// Metadata of a model of this architecture.
    public init(architecture: Architecture, classes: [String] = []) {
        self.architecture = architecture
        self.classes = classes
    }

    /// Whether a file's metadata say that it is a Viscera model, of whatever version.
    public static func isPresent(in metadata: [String: String]) -> Bool { metadata["format"]?.hasPrefix("viscera/") ?? false }

    /// Decodes and validates the metadata of a file.
    /// - Throws: `WeightError` naming the first key that is absent or wrong.
    public init(_ metadata: [String: String]) throws(WeightError) {
        guard metadata["format"] == Self.format else {
            let found = metadata["format"].map { "found “\($0)”" } ?? "it is missing"
            throw WeightError(.metadata(key: "format", reason: "expected “\(Self.format)”, \(found); convert the file or update Viscera"))
        }
        guard let architecture = try Self.decode(Architecture.self, "architecture", metadata) else {
            throw WeightError(.metadata(key: "architecture", reason: "it is missing"))
        }
        self.architecture = architecture
        classes = try Self.decode([String].self, "classes", metadata) ?? []
        recipe = metadata["recipe"]
        roi = try Self.decode([Int].self, "roi", metadata)
        if let text = metadata["provenance"], !text.hasPrefix("{") {
            provenance = text.isEmpty ? nil : Provenance(note: text)
        } else {
            provenance = try Self.decode(Provenance.self, "provenance", metadata)
        }
        license = metadata["license"]
        card = metadata["card"]
        postprocessing = try Self.decode(Postprocessing.self, "postprocessing", metadata)
        other = metadata.filter { !Self.keys.contains($0.key) }
        try validate()
    }

    private static let keys: Set<String> = [
        "format", "architecture", "classes", "recipe", "roi", "provenance", "license", "card", "postprocessing",
    ]

    /// The metadata as a file's text entries. Keys of JSON objects are sorted, so that equal metadata give equal text.
    /// - Throws: `WeightError` naming the first key whose value cannot be.
    public func entries() throws(WeightError) -> [String: String] {
        try validate()
        var entries = other
        entries["format"] = Self.format
        entries["architecture"] = try Self.encode(architecture, "architecture")
        if !classes.isEmpty { entries["classes"] = try Self.encode(classes, "classes") }
        entries["recipe"] = recipe
        if let roi { entries["roi"] = try Self.encode(roi, "roi") }
        if let provenance {
            let note = provenance.note ?? ""
            let isText = !note.isEmpty && !note.hasPrefix("{") && provenance == Provenance(note: note)
            entries["provenance"] = isText ? note : try Self.encode(provenance, "provenance")
        }
        entries["license"] = license
        entries["card"] = card
        if let postprocessing { entries["postprocessing"] = try Self.encode(postprocessing, "postprocessing") }
        return entries
    }

    /// Checks that the values fit together.
    /// - Throws: `WeightError` naming the key.
    public func validate() throws(WeightError) {
        try architecture.validate()
        if architecture.kind == .unetr, !classes.isEmpty, classes.count != architecture.outChannels {
            let reason = "expected one name per output channel, \(architecture.outChannels) with the background, found \(classes.count)"
            throw WeightError(.metadata(key: "classes", reason: reason))
        }
        if Set(classes).count != classes.count || classes.contains("") {
            throw WeightError(.metadata(key: "classes", reason: "names must be different and not empty, found \(classes)"))
        }
        if let roi, roi.count != 3 || !roi.allSatisfy({ (1...100_000).contains($0) }) {
            throw WeightError(.metadata(key: "roi", reason: "expected three positive numbers, found \(roi)"))
        }
        if let recipe, try JSONScanner.value(of: Data(recipe.utf8), key: "recipe").members == nil {
            throw WeightError(.metadata(key: "recipe", reason: "expected a JSON object"))
        }
        if let problem = postprocessing?.problem(classes: classes) { throw WeightError(.metadata(key: "postprocessing", reason: problem)) }
    }

    /// The preprocessing recipe, or `nil` when the file has none.
    /// - Throws: `WeightError` naming the key `recipe` when it does not decode.
    public func recipe<Recipe: Decodable>(as type: Recipe.Type) throws(WeightError) -> Recipe? {
        try Self.decode(type, "recipe", recipe.map { ["recipe": $0] } ?? [:])
    }

    /// Sets the preprocessing recipe.
    public mutating func setRecipe(_ value: some Encodable) throws(WeightError) { recipe = try Self.encode(value, "recipe") }

    private static func decode<Value: Decodable>(_: Value.Type, _ key: String, _ metadata: [String: String]) throws(WeightError) -> Value? {
        guard let text = metadata[key] else { return nil }
        // The strict reader refuses deep nesting and duplicate keys before the decoder sees them.
        _ = try JSONScanner.value(of: Data(text.utf8), key: key)
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw WeightError(.metadata(key: key, reason: "the JSON does not decode: \(reason(error))"))
        }
    }

    /// A decoding error in one line.
    private static func reason(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context): "“\((context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: "."))” is missing"
        case .typeMismatch(let type, let context): "“\(path(context))” is not of type \(type)"
        case .valueNotFound(let type, let context): "“\(path(context))” lacks its \(type)"
        case .dataCorrupted(let context): "“\(path(context))”: \(context.debugDescription)"
        default: "\(error)"
        }
    }

    private static func encode(_ value: some Encodable, _ key: String) throws(WeightError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
            throw WeightError(.metadata(key: key, reason: "it does not encode as JSON: \(error)"))
        }
    }
}

extension JSONScanner {
    /// The value of a metadata entry.
    fileprivate static func value(of data: Data, key: String) throws(WeightError) -> JSONValue {
        do { return try value(of: data, format: "metadata") } catch {
            throw WeightError(.metadata(key: key, reason: "\(error)"))
        }
    }
}
