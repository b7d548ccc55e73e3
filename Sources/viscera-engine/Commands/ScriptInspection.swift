import CommandSupport
import Foundation
import Segmentation
import Torch
import VolumeCommands
import Weights

/// What there is to say about a TorchScript program.
struct ScriptInspection: Encodable {
    struct Entry: Encodable {
        var name: String
        var type: String
        var shape: [Int]
    }

    var kind = "program"
    var path: String
    var format = WeightFile.Kind.torchScript.rawValue
    /// Methods with arguments and results.
    var methods: [String]
    var parameters: Int
    /// Parameters and buffers.
    var tensors: [Entry]
    /// The files of its source code.
    var sources: [String]
    /// What lies beside the program.
    var extraFiles: [String]
    /// What it states about its use.
    var metadata: ScriptMetadata

    /// Loads the program at `url`, which may execute code of the file.
    static func of(_ url: URL) throws -> ScriptInspection {
        let file = try TorchScriptFile(url)
        let content = try ScriptPackage.read(url)
        let tensors = try content.script.tensors().map { Entry(name: $0.name, type: "\($0.tensor.dtype)", shape: $0.tensor.shape) }
        return ScriptInspection(
            path: url.path, methods: content.script.methods, parameters: tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }, tensors: tensors,
            sources: file.sources, extraFiles: file.extraFiles, metadata: content.metadata)
    }

    /// The inspection as a table.
    func text(listsTensors: Bool) -> String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["Format", "\(format), a program: running it executes its code"])
        for (position, method) in methods.enumerated() { table.append([position == 0 ? "Methods" : "", method]) }
        table.append(["Tensors", "\(tensors.count), \(String(format: "%.2f", Double(parameters) / 1e6)) M numbers"])
        table.append(["Source", sources.isEmpty ? "none" : "\(sources.count) files, \(sources[0])\(sources.count > 1 ? " first" : "")"])
        table.append(["Extra files", extraFiles.isEmpty ? "none" : extraFiles.joined(separator: ", ")])
        table.append(["Window", metadata.roi.map { $0.map(String.init).joined(separator: " × ") } ?? "not stated; --roi gives it"])
        table.append(["Classes", metadata.classes?.joined(separator: ", ") ?? "not stated"])
        table.append(["Recipe", recipe])
        if let postprocessing = metadata.postprocessing { table.append(["Postprocessing", postprocessing.text]) }
        if let license = metadata.license { table.append(["License", license]) }
        guard listsTensors else { return table.text }
        var list = TextTable([("Tensor", .left), ("Type", .left), ("Shape", .left)])
        for tensor in tensors { list.append([tensor.name, tensor.type, "[\(tensor.shape.map(String.init).joined(separator: ", "))]"]) }
        return table.text + "\n\n" + list.text
    }

    private var recipe: String {
        guard let recipe = metadata.recipe else { return "not stated" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(recipe)).map { String(decoding: $0, as: UTF8.self) } ?? "not stated"
    }
}
