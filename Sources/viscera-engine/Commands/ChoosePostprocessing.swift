import ArgumentParser
import CommandSupport
import Evaluation
import Foundation
import Learning
import Segmentation
import Weights

/// `viscera choose-postprocessing`: which organs keep only their largest component, decided on held-out cases and stored with the model.
struct ChoosePostprocessing: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "choose-postprocessing",
        abstract: "Choose on held-out cases which organs keep only their largest component, and store that with the model.",
        discussion: """
            Segments every case of a section once, as “segment” does by default, and scores each organ on the files' own grid with and without \
            keeping its largest connected component. An organ is chosen where its mean Dice over the cases that hold it rises by more than \
            \(LargestComponentChoice.leastGain). NEW is MODEL with that choice in its metadata and the same tensors bit for bit; “segment” and \
            “validate” follow it.

            The cases must not have been used to train the model. Scores on the cases that chose flatter the choice: measure it on others.

              viscera choose-postprocessing model.safetensors heldout.json -o chosen.safetensors
            """)

    @OptionGroup var cases: LabelledCaseOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The model to write (.safetensors); nothing is overwritten.", valueName: "new"), completion: .file())
    var output: String

    @Option(help: "How overlapping windows are weighted: constant, gaussian or gaussianLegacy.")
    var blend = Blending.gaussian

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let destination = URL(filePath: output)
        try Self.requireFree(destination)
        var stored = try StoredModel(contentsOf: try ModelLocation.resolve(cases.model))
        var options = ValidationOptions()
        (options.overlap, options.blending, options.windowBatch) = (cases.overlap, blend, cases.batch)
        // As `segment` does.
        options.skipsBackgroundWindows = SegmentationOptions().skipsBackgroundWindows
        let package = try cases.package(options, console)
        let validator = try cases.validator(package, options, console)
        let scores = try cases.scores(of: package, console) { try validator.comparison(of: $0, onWindow: $1) }
        let report = PostprocessingReport(
            model: URL(filePath: cases.model).lastPathComponent, datalist: URL(filePath: cases.datalist).lastPathComponent, section: cases.section,
            cases: scores.count, organs: LargestComponentChoice.choices(scores))
        console.result(report.text)
        if let warning = report.warning { console.warning(warning) }
        try stored.setPostprocessing(report.postprocessing, classes: package.classNames)
        try AtomicOutput.write(to: destination) { try stored.write(to: $0) }
        console.note("Wrote \(destination.path)")
        try console.json(report)
    }

    /// Finds before hours of work what would keep the model from being written.
    private static func requireFree(_ destination: URL) throws {
        guard destination.pathExtension.lowercased() == "safetensors" else {
            throw ToolFailure(.usage, "'\(destination.path)' is to be a Viscera model; expected a name that ends in .safetensors")
        }
        guard !FileManager.default.fileExists(atPath: destination.path) else {
            throw ToolFailure(.cannotCreate, "'\(destination.path)' is there already; choose another name, nothing is overwritten")
        }
        let folder = destination.deletingLastPathComponent()
        guard FileManager.default.isWritableFile(atPath: folder.path) else {
            throw ToolFailure(.cannotCreate, "cannot write '\(destination.path)': the folder '\(folder.path)' does not exist or is not writable")
        }
    }
}
