import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Learning
import MedicalImaging
import Torch
import Weights

/// `viscera pretrain`: self-supervised pre-training of an encoder on unlabelled volumes.
struct Pretrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pre-train an encoder on unlabelled CT volumes.",
        discussion: """
            Learns to restore corrupted crops and to tell crops apart, as the published model's encoder was made, or to restore hidden tokens \
            (--objective masked). With --restorer unetr not the encoder alone is pre-trained but the segmentation network's convolutions, too.

            Reads the 'training' and 'validation' sections of a datalist (decathlon JSON; labels are not looked at) and keeps as many \
            preprocessed volumes in memory as fit (--cache keeps them on disk).

            In OUT: config.json (the whole configuration), checkpoint.safetensors (run again with the same options to resume), \
            best.safetensors, panels/*.png (clean, corrupted and restored crops of each validation), report.html, and model.safetensors, the \
            best weights, from which 'viscera train --pretrained' starts.

            Several processes train together as under 'viscera train'.
            """)

    @Argument(help: "The datalist (JSON).", completion: .file(extensions: ["json"]))
    var datalist: String

    @Option(name: [.short, .customLong("out")], help: "The folder for checkpoints, pictures and the model.", completion: .directory)
    var output: String

    @Option(help: "The section of the datalist to learn from.")
    var section = "training"

    @Option(help: "The section of the datalist to validate on.")
    var validationSection = "validation"

    @Flag(help: "Do not validate; the last weights are the model.")
    var noValidation = false

    @OptionGroup(title: "Configuration") var settings: PretrainOptions

    @OptionGroup(title: "Memory") var memory: MemoryArguments

    @OptionGroup(title: "Optimisation") var optimisation: TrainOptimisationOptions

    @Option(help: "The licence to record in the model file.")
    var license = "Apache-2.0"

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        guard optimisation.encoderRate == nil, optimisation.freezeEncoder == nil else {
            throw ValidationError("--encoder-rate and --freeze-encoder belong to 'viscera train': pre-training makes the encoder.")
        }
    }

    func run() throws {
        optimisation.threads?.apply()
        ProcessMemory.limitTensors(to: memory.maxMemory?.bytes)
        let console = messages.console
        var configuration = try settings.resolved(optimisation)
        memory.apply(to: &configuration.cache, &configuration.memory)
        try configuration.validate()
        if !noValidation, try !Datalist.hasSection(validationSection, in: URL(filePath: datalist)) {
            throw ToolFailure(
                .badData,
                "the datalist '\(datalist)' has no section '\(validationSection)': name one with --validation-section, or give --no-validation")
        }
        let launch = try Launch(environment: ProcessInfo.processInfo.environment)
        let processes = try launch.map { try ProcessGroup($0) }
        let shares = WorkShares(processes)
        let folder = URL(filePath: output, directoryHint: .isDirectory)
        let cache = try SampleCache(configuration.cache, seed: configuration.loop.seed, launch: launch, console: console)
        let reader = PretrainingVolume.reader(configuration.recipe)
        let training = try items(section)
        var setting = PretrainingTask.Setting(
            training: try console.reading(section, of: training.count, among: shares) { try cache.training(training, reader, onSample: $0) },
            folder: folder)
        if !noValidation {
            let cases = try items(validationSection)
            setting.validation = try console.reading(validationSection, of: shares.ownCount(of: cases.count), among: shares) {
                try cache.validation(cases, reader, among: shares, onSample: $0)
            }
        }
        (setting.provenance, setting.license) = (provenance, license)
        setting.device = try optimisation.device.resolve()
        if shares.isFirst, let remark = configuration.loop.precision.remark(on: setting.device) { console.warning(remark) }
        let task = try PretrainingTask(configuration, setting)
        let loop = try TrainingLoop(task, folder: folder, processes: processes)
        Interruption.setHandler { TrainingInterruption.isRequested.store(true, ordering: .relaxed) }
        guard shares.isFirst else { return try loop.run { _ in } }
        let text = try ConfigurationFile.text(configuration)
        try AtomicOutput.write(text, to: folder.appending(path: "config.json"))
        let listener = try RunListener(console: console, folder: folder, configuration: text, datalists: [datalist])
        try listener.listen(to: { try loop.run(onEvent: $0) })
        try writeModel(loop, folder: folder, console)
    }

    private func items(_ section: String) throws -> [SampleItem] {
        SampleItem.items(of: [try Datalist(contentsOf: URL(filePath: datalist), section: section)])
    }

    /// The best weights where there was a validation, else the last.
    private func writeModel(_ loop: TrainingLoop<PretrainingTask>, folder: URL, _ console: Console) throws {
        let (best, model) = (folder.appending(path: "best.safetensors"), folder.appending(path: "model.safetensors"))
        guard let score = loop.state.bestScore, FileManager.default.fileExists(atPath: best.path) else {
            try loop.export(to: model)
            console.note("wrote \(model.path), the weights of step \(loop.state.step)")
            return
        }
        try AtomicOutput.write(to: model) { try FileManager.default.copyItem(at: best, to: $0) }
        console.note(String(format: "wrote %@, the best weights (validation L1 %.4f)", model.path, -score))
    }

    /// What the model file says about its making; folders of this machine are left out.
    private var provenance: Provenance {
        let words = CommandLine.arguments.dropFirst().map { $0.contains("/") ? URL(filePath: $0).lastPathComponent : $0 }
        return Provenance(commands: ["viscera " + words.joined(separator: " ")], data: [URL(filePath: datalist).lastPathComponent])
    }
}
