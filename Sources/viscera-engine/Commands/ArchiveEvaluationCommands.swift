import ArgumentParser
import CommandSupport
import Foundation
import ModelArchive

/// `viscera archive validate`: the scores of an archive's model.
struct ArchiveValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Score an archive's model on its validation list.",
        discussion: """
            Writes metrics.csv, val_mean_dice_raw.csv and val_mean_dice_summary.csv, and label maps as <stem>/<stem>_seg.nii.gz, where the \
            configuration says (eval). Postprocessing is what the configuration names (KeepLargestConnectedComponentd), not what the weights \
            state. commands/validate.sh and validate_ckpt.sh call it.
            """)

    @Option(
        name: [.customShort("c"), .customLong("config")], help: ArgumentHelp("The configuration, relative to the archive.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String = ArchiveLayout.checkpointValidationConfiguration

    @OptionGroup var evaluation: ArchiveEvaluationOptions

    func run() throws { try evaluation.run(config) }
}

/// `viscera archive infer`: label maps by an archive's model.
struct ArchiveInferCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer", abstract: "Segment the images of an archive's list.",
        discussion: """
            Writes label maps as <stem>/<stem>_seg.nii.gz where the configuration says (eval). Postprocessing is what the configuration names \
            (KeepLargestConnectedComponentd), not what the weights state. commands/infer.sh calls it.
            """)

    @Option(
        name: [.customShort("c"), .customLong("config")], help: ArgumentHelp("The configuration, relative to the archive.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String = ArchiveLayout.inferenceConfiguration

    @OptionGroup var evaluation: ArchiveEvaluationOptions

    func run() throws { try evaluation.run(config) }
}

/// What validation and inference have in common.
struct ArchiveEvaluationOptions: ParsableArguments {
    @OptionGroup(title: "Archive") var archive: ArchiveOptions

    @Option(help: "Where the network runs: auto, cpu, cuda, cuda:N or mps.")
    var device: DeviceChoice = .automatic

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    @OptionGroup(title: "Messages") var messages: OutputOptions

    /// Runs the evaluation of a configuration and says what came out.
    func run(_ file: String) throws {
        threads?.apply()
        let console = messages.console
        let configuration = try archive.read(file, console)
        let plan = try configuration.evaluationPlan()
        let evaluation = try ArchiveEvaluation(plan, device: configuration.device(device))
        for note in evaluation.notes { console.note(note) }
        var outputs: [String] = []
        let metrics = try evaluation.run { event in
            switch event {
            case .started(_, let position, let count): console.progress("evaluate", Double(position) / Double(max(1, count)))
            case .finished(let image, let values, let output):
                let scores = values.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.4f", $0.value))" }
                console.note(([image] + scores + (output.map { [$0.path] } ?? [])).joined(separator: "  "))
                if let output { outputs.append(output.path) }
            }
        }
        console.clearProgress()
        for metric in metrics.metrics { console.result("\(metric.name) \(String(format: "%.4f", metric.value))") }
        if metrics.metrics.isEmpty { console.result("\(outputs.count) label maps in \(plan.outputFolder?.path ?? "")") }
        try console.json(
            Evaluated(
                metrics: Dictionary(uniqueKeysWithValues: metrics.metrics.map { ($0.name, $0.value) }), folder: plan.metricsFolder?.path,
                outputs: outputs))
    }

    /// What `archive validate --json` and `archive infer --json` write.
    private struct Evaluated: Encodable {
        var metrics: [String: Double]
        var folder: String?
        var outputs: [String]
    }
}
