import ArgumentParser
import CommandSupport
import Foundation
import MedicalImaging
import Weights

/// `viscera inspect`: what a file is.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a volume or a weight file is, anomalies included.",
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
            // Only LibTorch can say what a program is.
            try Engine.takeOver(["inspect-program"] + (tensors ? ["--tensors"] : []) + messages.arguments + ["--", file])
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
