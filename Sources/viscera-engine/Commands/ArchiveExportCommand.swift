import ArgumentParser
import CommandSupport
import Foundation
import ModelArchive
import Segmentation
import Weights

/// `viscera archive export`: the checkpoint of an archive for use elsewhere.
struct ArchiveExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export an archive's checkpoint.",
        discussion: """
            Writes the network of MMAR_CKPT to MMAR_TORCHSCRIPT: a TorchScript program with all that its use needs, compared with the \
            network before it is kept. An output that ends in .safetensors is a Viscera model. commands/export.sh calls it.
            """)

    @Option(
        name: [.customShort("c"), .customLong("config")],
        help: ArgumentHelp("The training configuration, relative to the archive.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String = ArchiveLayout.trainingConfiguration

    @OptionGroup(title: "Archive") var archive: ArchiveOptions

    @Option(help: ArgumentHelp("The checkpoint, relative to the archive; without it MMAR_CKPT.", valueName: "file"))
    var modelPath: String?

    @Option(help: ArgumentHelp("The file to write, relative to the archive; without it MMAR_TORCHSCRIPT.", valueName: "file"))
    var outputPath: String?

    @Option(help: "The input to record a program with: batch,1,X,Y,Z or X,Y,Z; the network's window when left out.")
    var inputShape: NumberList?

    @Flag(help: "Do not compare a program with the network.")
    var ignoreVerify = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let configuration = try archive.read(config, console)
        let plan = try configuration.exportPlan(checkpoint: modelPath, output: outputPath)
        let package = try ModelPackage.read(plan.checkpoint)
        for assumption in package.assumptions { console.warning("the checkpoint does not say so, assumed: \(assumption)") }
        let isScript = plan.output.pathExtension.lowercased() != "safetensors"
        try AtomicOutput.write(to: plan.output) {
            if isScript {
                _ = try package.writeScript(to: $0, inputShape: inputShape?.numbers, tolerance: ignoreVerify ? nil : 1e-5)
            } else {
                try package.write(to: $0)
            }
        }
        console.result("wrote \(plan.output.path)")
        try console.json(["checkpoint": plan.checkpoint.path, "output": plan.output.path, "sha256": try Fingerprint.sha256(of: plan.output)])
    }
}
