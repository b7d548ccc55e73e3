import ArgumentParser
import CommandSupport
import Foundation
import ModelArchive
import Weights

/// `viscera archive import`: a model out of somebody's archive.
struct ArchiveImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take the model out of a Clara Train archive (MMAR).",
        discussion: """
            ARCHIVE is a folder or a ZIP file. The network comes from the 'model' section of config/config_train.json, the weights from \
            models/model.pt or models_2gpu/best_metric_model.pt (with --part pretraining from ssl_models_2gpu/best_metric_model.pt), the \
            preprocessing from the configuration of inference or validation. Pickles are read without being executed.

              viscera archive import clara_pt_unetr_ct_btcv_segmentation.zip -o btcv.safetensors
            """)

    @Argument(help: "The archive: a folder or a ZIP file.", completion: .file())
    var source: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The model to write (.safetensors).", valueName: "file"))
    var output: String

    @Option(help: "Which weights: segmentation or pretraining.")
    var part: ArchiveImport.Part = .segmentation

    @Option(help: ArgumentHelp("The weights inside the archive, when they lie elsewhere.", valueName: "path"))
    var weights: String?

    @Option(help: "The licence of the weights, to be recorded in the model.")
    var license: String?

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if !output.lowercased().hasSuffix(".safetensors") { throw ValidationError("--output must end in .safetensors, not '\(output)'.") }
    }

    func run() throws {
        let console = messages.console
        let imported = try ArchiveImport(URL(filePath: source), part: part, file: weights)
        let destination = URL(filePath: output)
        let provenance = Provenance(commands: ["viscera archive import"], data: [URL(filePath: source).lastPathComponent])
        try AtomicOutput.write(to: destination) { try imported.write(to: $0, provenance: provenance, license: license) }
        console.result((imported.report + ["wrote \(destination.path)"]).joined(separator: "\n"))
        try console.json(Imported(output: destination.path, report: imported.report, sha256: try Fingerprint.sha256(of: destination)))
    }

    /// What `archive import --json` writes.
    private struct Imported: Encodable {
        var output: String
        var report: [String]
        var sha256: String
    }
}

extension ArchiveImport.Part: ExpressibleByArgument {}
