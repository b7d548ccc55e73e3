import Foundation
import Weights

/// What there is to say about a weight file.
struct WeightInspection: Encodable {
    struct Entry: Encodable {
        var name: String
        var type: String
        var shape: [Int]
    }

    struct Ignored: Encodable {
        var name: String
        var summary: String
    }

    var kind = "weights"
    var path: String
    var format: String
    /// The entry of a checkpoint that held the weights.
    var entry: String?
    var parameters: Int
    var bytes: Int
    var tensors: [Entry]
    var metadata: [String: String]
    /// What else the checkpoint held.
    var ignored: [Ignored]

    static func of(_ url: URL) throws -> WeightInspection {
        let loaded = try WeightFile.read(url)
        return WeightInspection(
            path: url.path, format: loaded.kind.rawValue, entry: loaded.entry, parameters: loaded.state.parameterCount, bytes: loaded.state.byteCount,
            tensors: loaded.state.entries.map { Entry(name: $0.name, type: $0.tensor.type.rawValue, shape: $0.tensor.shape) },
            metadata: loaded.state.metadata, ignored: loaded.ignored.map { Ignored(name: $0.name, summary: $0.summary) })
    }

    /// The inspection as a table.
    func text(listsTensors: Bool) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["Format", format + (entry.map { ", weights under '\($0)'" } ?? "")])
        table.append(["Tensors", "\(tensors.count), \(String(format: "%.2f", Double(parameters) / 1e6)) M numbers, \(Host.text(bytes: bytes))"])
        let types = Dictionary(grouping: tensors, by: \.type).mapValues(\.count).sorted { $0.key < $1.key }
        table.append(["Types", types.map { "\($0.key) × \($0.value)" }.joined(separator: ", ")])
        for (position, item) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
            table.append([position == 0 ? "Metadata" : "", "\(item.key): \(Self.shortened(item.value))"])
        }
        for (position, item) in ignored.enumerated() {
            table.append([position == 0 ? "Also holds" : "", "\(item.name): \(Self.shortened(item.summary))"])
        }
        guard listsTensors else { return table.text }
        var list = TextTable([("Tensor", .left), ("Type", .left), ("Shape", .left)])
        for tensor in tensors { list.append([tensor.name, tensor.type, "[\(tensor.shape.map(String.init).joined(separator: ", "))]"]) }
        return table.text + "\n\n" + list.text
    }

    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > 100 ? line.prefix(99) + "…" : line
    }
}
