import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Learning
import MedicalImaging
import Models
import Reporting
import Segmentation
import Torch
import Weights

/// `viscera train`: supervised training of a UNETR on a datalist.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a UNETR on labelled CT volumes.",
        discussion: """
            Reads the 'training' section of each datalist (decathlon JSON; items may carry "labelled", the organ labels drawn in the case, and \
            "weight"), trains with Dice + cross entropy, and measures the averaged weights on the 'validation' sections where there are any.

            In OUT: config.json (the configuration in full), checkpoint.safetensors (to resume from; the one before it is kept, too, for the \
            case that it is damaged), best.safetensors (the best validation), \
            report.html (curves and scores), metrics.jsonl (one JSON object per event), tensorboard (event files) and, at the end, \
            model.safetensors (the averaged weights). Run again with the same options, it resumes from the checkpoint; \
            interrupted by SIGTERM or control-C, it saves first.

            Started several times by torchrun, srun or mpirun (or by hand, with MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE), the processes \
            train one model on their joint batch.
            """)

    @Argument(help: "Datalists (JSON).", completion: .file(extensions: ["json"]))
    var datalists: [String] = []

    @Option(name: [.short, .customLong("out")], help: "The folder for checkpoints and the model.", completion: .directory)
    var output: String?

    @Option(
        name: [.customShort("c"), .customLong("config")],
        help: "A JSON file with the configuration or a part of it; options given on the command line win. With -m one of the archive.",
        completion: .file(extensions: ["json"]))
    var config: String?

    @OptionGroup(title: "Model archive") var archive: TrainArchiveOptions

    @Option(help: "The section of the datalists to measure on.")
    var validationSection = "validation"

    @Option(
        help: "Start from weights of a file: a model of 'viscera pretrain', a segmentation model or a checkpoint of MONAI.",
        completion: .file(extensions: ["safetensors", "pt", "pth"]))
    var pretrained: String?

    @Option(
        help: """
            What is taken from it: the encoder, or the network (all but the last layer, so that the classes may be others). The network where \
            'viscera pretrain --restorer unetr' made it, otherwise the encoder.
            """)
    var transfer: TransferredPart?

    @Option(
        name: .customLong("model"),
        help: "Go on from a segmentation model: its network with all weights, its spacing and intensity window.",
        completion: .file(extensions: ["safetensors", "pt", "pth"]))
    var startingModel: String?

    @OptionGroup(title: "Network and data") var model: TrainModelOptions

    @OptionGroup(title: "Optimisation") var optimisation: TrainOptimisationOptions

    @OptionGroup(title: "Memory") var memory: MemoryArguments

    @Option(help: "The licence to record in the model file.")
    var license: String = "Apache-2.0"

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if archive.folder == nil, datalists.isEmpty || output == nil {
            throw ValidationError("give datalists and --out, or a model archive with -m.")
        }
        if archive.folder != nil, !datalists.isEmpty || output != nil {
            throw ValidationError("with -m the archive says what is read and written; give no datalists and no --out.")
        }
        if archive.folder != nil, startingModel != nil || pretrained != nil {
            throw ValidationError("with -m the archive's configuration names the weights to start from; give neither --model nor --pretrained.")
        }
        if startingModel != nil, pretrained != nil {
            throw ValidationError("--model starts the whole network, --pretrained the encoder: give one of them.")
        }
        if transfer != nil, pretrained == nil { throw ValidationError("--transfer says what is taken from a file: name it with --pretrained.") }
    }

    func run() throws {
        optimisation.threads?.apply()
        ProcessMemory.limitTensors(to: memory.maxMemory?.bytes)
        if let folder = archive.folder { return try runArchive(folder) }
        let start = try startingModel.map { try ModelPackage.read(URL(filePath: $0)) }
        let configuration = try resolvedConfiguration(over: start)
        try configuration.validate()
        let launch = try Launch(environment: ProcessInfo.processInfo.environment)
        let processes = try launch.map { try ProcessGroup($0) }
        let shares = WorkShares(processes)
        let isFirst = shares.isFirst
        let device = try optimisation.device.resolve()
        if isFirst, let remark = configuration.loop.precision.remark(on: device) { messages.console.warning(remark) }
        let cache = try SampleCache(configuration.cache, seed: configuration.loop.seed, launch: launch, console: messages.console)
        let lists = try datalists.map { try Datalist(contentsOf: URL(filePath: $0)) }
        let source = try messages.console.reading("training", of: lists.reduce(0) { $0 + $1.items.count }, among: shares) {
            try SegmentationSource.load(lists, configuration, cache: cache, onSample: $0)
        }
        let validation = try validationCases(configuration, cache, shares)
        let folder = URL(filePath: output ?? "", directoryHint: .isDirectory)
        let task = try SegmentationTask(
            configuration: configuration, source: source, validation: validation, device: device, provenance: provenance, license: license)
        if let startingModel, let start { try begin(task, with: start, from: URL(filePath: startingModel)) }
        if let pretrained { try begin(task, withPartOf: URL(filePath: pretrained)) }
        let loop = try TrainingLoop(task, configuration: configuration, folder: folder, processes: processes)
        Interruption.setHandler { TrainingInterruption.isRequested.store(true, ordering: .relaxed) }
        guard isFirst else { return try loop.run { _ in } }
        let text = try ConfigurationFile.text(configuration)
        try AtomicOutput.write(text, to: folder.appending(path: "config.json"))
        let listener = try RunListener(console: messages.console, folder: folder, configuration: text, datalists: datalists)
        try listener.listen(to: { try loop.run(onEvent: $0) })
        let model = folder.appending(path: "model.safetensors")
        try loop.export(to: model)
        messages.console.note("wrote \(model.path) and \(listener.page.path)")
    }

    /// Takes a whole network over. A run that is resumed goes on with its own.
    private func begin(_ task: SegmentationTask, with model: ModelPackage, from url: URL) throws {
        if isResumed(insteadOf: url) { return }
        try task.start(from: model, file: url.path)
        messages.console.note("network and weights from \(url.path)")
        for assumption in model.assumptions { messages.console.warning(assumption) }
    }

    /// Whether the run has a checkpoint to go on from, which is said then.
    private func isResumed(insteadOf url: URL) -> Bool {
        let checkpoint = URL(filePath: output ?? "").appending(path: "checkpoint.safetensors")
        guard FileManager.default.fileExists(atPath: checkpoint.path) else { return false }
        messages.console.note("the run is resumed: it goes on from \(checkpoint.path), not from \(url.path)")
        return true
    }

    /// Takes encoder or network over and says what became of every tensor. A run that is resumed goes on with its own.
    private func begin(_ task: SegmentationTask, withPartOf url: URL) throws {
        if isResumed(insteadOf: url) { return }
        let weights = try WeightTransfer(contentsOf: url)
        let part = transfer ?? weights.usualPart
        let report = try task.start(part, from: weights)
        messages.console.note("\(part) from \(url.path): \(report)")
        if !report.isComplete { messages.console.warning("the \(part) is only in part pre-trained: \(report.missing.count) tensors are missing") }
    }

    /// The cases of the validation sections; datalists without one have none.
    private func validationCases(
        _ configuration: TrainingConfiguration, _ cache: SampleCache, _ shares: WorkShares
    ) throws -> SampleStore<ValidationCase> {
        let lists = try datalists.compactMap { path -> Datalist? in
            let url = URL(filePath: path)
            return try Datalist.hasSection(validationSection, in: url) ? try Datalist(contentsOf: url, section: validationSection) : nil
        }
        let items = SampleItem.items(of: lists)
        guard !items.isEmpty else { return SampleStore([]) }
        let reader = ValidationCase.reader(configuration.preprocessing, channels: configuration.network.outChannels)
        return try messages.console.reading(validationSection, of: shares.ownCount(of: items.count), among: shares) {
            try cache.validation(items, reader, among: shares, onSample: $0)
        }
    }

    /// The defaults changed by the model to start from, by the configuration file, then by the options given.
    private func resolvedConfiguration(over start: ModelPackage?) throws -> TrainingConfiguration {
        var resolved = TrainingConfiguration()
        if let start { try resolved.adopt(start, file: startingModel ?? "") }
        if let config {
            guard let data = FileManager.default.contents(atPath: config) else {
                throw ToolFailure(.noInput, "cannot read the configuration '\(config)'")
            }
            resolved = try ConfigurationFile.read(data, over: resolved)
        }
        model.apply(to: &resolved)
        optimisation.apply(to: &resolved.loop)
        memory.apply(to: &resolved.cache, &resolved.memory)
        return resolved
    }

    /// What the model file says about its making; folders of this machine are left out.
    private var provenance: Provenance {
        let words = CommandLine.arguments.dropFirst().map { $0.contains("/") ? URL(filePath: $0).lastPathComponent : $0 }
        return Provenance(commands: ["viscera " + words.joined(separator: " ")], data: datalists.map { URL(filePath: $0).lastPathComponent })
    }
}
