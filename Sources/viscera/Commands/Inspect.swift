import ArgumentParser
import Foundation
import MedicalImaging
import Weights

/// `viscera inspect`: what a file is.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a volume or a weight file is, anomalies included.",
        discussion: """
            Of a volume: format, size, spacing, orientation, intensities or labels. Of weights: kind, tensors, metadata. Of a TorchScript \
            program: methods, tensors, extra files; it is loaded for that, which may execute code of the file (TorchScript's operations, not Python).
            """)

    @Argument(help: "A volume, a DICOM folder, or a weight file.", completion: .file())
    var file: String

    @Flag(help: "List every tensor of a weight file.")
    var tensors = false

    @Option(help: ArgumentHelp("The DICOM series to look at: its UID or the end of it.", valueName: "series"))
    var series: String?

    @Flag(help: UnevenSlices.help)
    var resampleUneven = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let url = URL(filePath: file)
        if try FileKind.of(url) == .weights, try WeightFile.kind(of: url) == .torchScript {
            let found = try ScriptInspection.of(url)
            console.result(found.text(listsTensors: tensors))
            try console.json(found)
        } else if try FileKind.of(url) == .weights {
            let found = try WeightInspection.of(url)
            console.result(found.text(listsTensors: tensors))
            for anomaly in found.anomalies { console.warning(anomaly) }
            try console.json(found)
        } else {
            let found = try VolumeInspection.of(url, options: ReadOptions(series: series, resamplesUnevenSlices: resampleUneven))
            console.result(found.text)
            for warning in found.warnings { console.warning(warning) }
            try console.json(found)
        }
    }
}

/// Whether a path is for the image readers or for the weight readers.
enum FileKind {
    case volume, weights

    /// Told by the first bytes: ZIP archives, pickles and safetensors are weights, all else is left to the image readers.
    static func of(_ url: URL) throws -> FileKind {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "'\(url.path)' does not exist")
        }
        if isFolder.boolValue { return .volume }
        if weightEndings.contains(url.pathExtension.lowercased()) { return .weights }
        guard let handle = try? FileHandle(forReadingFrom: url) else { throw ToolFailure(.noInput, "cannot read '\(url.path)': permission denied") }
        defer { try? handle.close() }
        let head = [UInt8](try handle.read(upToCount: 16) ?? Data())
        let isArchive = head.starts(with: [0x50, 0x4B, 3, 4])
        let isPickle = head.count > 1 && head[0] == 0x80 && (2...5).contains(head[1])
        let isSafetensors = head.count > 8 && head[8] == UInt8(ascii: "{") && VolumeFormat.parse(url.lastPathComponent) == nil
        return isArchive || isPickle || isSafetensors ? .weights : .volume
    }

    /// The usual endings of weight files.
    static let weightEndings: Set<String> = ["safetensors", "pt", "pth", "ts", "ckpt"]
}
