import CommandSupport
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
    /// The network that the tensors belong to.
    var architecture: Architecture?
    /// What had to be assumed about the network, or why there is none.
    var remarks: [String]
    /// What is done to the label maps of the network.
    var postprocessing: Postprocessing?
    /// The generation of MONAI that saved the file.
    var generation: String?
    /// What a healthy model does not have.
    var anomalies: [String]

    static func of(_ url: URL) throws -> WeightInspection {
        let description = try WeightFile.describe(url)
        let state = try WeightFile.read(url).state
        return WeightInspection(
            path: url.path, format: description.kind.rawValue, entry: description.entry, parameters: description.parameterCount,
            bytes: state.byteCount,
            tensors: state.entries.map { Entry(name: $0.name, type: $0.tensor.type.rawValue, shape: $0.tensor.shape) },
            metadata: description.texts, ignored: description.ignored.map { Ignored(name: $0.name, summary: $0.summary) },
            architecture: description.architecture.architecture, remarks: description.architecture.assumptions + description.architecture.problems,
            postprocessing: description.metadata?.postprocessing, generation: description.mapping.generation?.rawValue,
            anomalies: description.anomalies.map { "\($0.tensor): \($0.finding)" })
    }

    /// The network in a few words.
    private var network: String {
        guard let architecture else { return "none that is known here" }
        let window = architecture.imageShape.map(String.init).joined(separator: " × ")
        return "\(architecture.kind.rawValue), window \(window), \(architecture.outChannels) channels, \(architecture.layerCount) layers of width "
            + "\(architecture.hiddenSize), \(architecture.headCount) heads, patches by \(architecture.patchProjection.rawValue)"
    }

    /// The inspection as a table.
    func text(listsTensors: Bool) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["Format", format + (entry.map { ", weights under '\($0)'" } ?? "")])
        table.append(["Tensors", "\(tensors.count), \(String(format: "%.2f", Double(parameters) / 1e6)) M numbers, \(Machine.text(bytes: bytes))"])
        let types = Dictionary(grouping: tensors, by: \.type).mapValues(\.count).sorted { $0.key < $1.key }
        table.append(["Types", types.map { "\($0.key) × \($0.value)" }.joined(separator: ", ")])
        table.append(["Network", network])
        for remark in remarks.prefix(8) { table.append(["", remark]) }
        if remarks.count > 8 { table.append(["", "and \(remarks.count - 8) more"]) }
        if let generation { table.append(["Names", "as MONAI \(generation) saves them"]) }
        if let postprocessing { table.append(["Postprocessing", postprocessing.text]) }
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
