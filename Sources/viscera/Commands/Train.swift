import ArgumentParser
import Datasets
import Foundation
import Learning
import Models
import Torch
import Weights

/// `viscera train`: supervised training of a UNETR on a datalist.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a UNETR on labelled CT volumes.",
        discussion: """
            Reads the 'training' section of each datalist (decathlon JSON; items may carry "labelled", the organ labels drawn in the case, and
            "weight"), trains on foreground-balanced patches with Dice + cross entropy and AdamW, and writes OUT/checkpoint.safetensors on the way
            and OUT/model.safetensors (the averaged weights) at the end. Run again with the same options, it resumes from the checkpoint.
            """)

    @Argument(help: "Datalists (JSON).", completion: .file(extensions: ["json"]))
    var datalists: [String]

    @Option(name: [.short, .customLong("out")], help: "The folder for checkpoints and the model.", completion: .directory)
    var output: String

    @Option(help: "A JSON file with the whole configuration; options given on the command line win.", completion: .file(extensions: ["json"]))
    var config: String?

    @Option(help: "The network preset: tiny, small or base.")
    var network: String?

    @Option(help: "Channels of the decoder at full resolution.")
    var featureSize: Int?

    @Option(help: "Voxels of the cubic patch along each axis (a multiple of 16).")
    var roi: Int?

    @Option(help: "Voxel spacing of patches in mm, isotropic.")
    var spacing: Double?

    @Option(help: "Optimizer steps of the whole run.")
    var steps: Int?

    @Option(help: "Patches per step.")
    var batch: Int?

    @Option(help: "Peak learning rate.")
    var learningRate: Double?

    @Option(help: "Stop and save after this many minutes.")
    var minutes: Double?

    @Option(help: "Seed of weights and sampling.")
    var seed: UInt64?

    @Option(help: "Threads LibTorch uses.")
    var threads: Int?

    @Option(help: "The licence to record in the model file.")
    var license: String = "Apache-2.0"

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        if let threads { Threads.count = threads }
        let configuration = try resolvedConfiguration()
        try configuration.validate()
        var volumes: [TrainingVolume] = []
        for path in datalists {
            let list = try Datalist(contentsOf: URL(filePath: path))
            volumes += try TrainingVolume.load(list)
            messages.console.note("read \(list.items.count) volumes of \(path)")
        }
        let folder = URL(filePath: output, directoryHint: .isDirectory)
        let trainer = try Trainer(configuration: configuration, volumes: volumes, folder: folder)
        stopOnSignals()
        try trainer.run { event in print(event) }
        let model = folder.appending(path: "model.safetensors")
        try trainer.package(provenance: provenance, license: license).write(to: model, storing: .float16)
        messages.console.note("wrote \(model.path)")
    }

    /// The configuration file, or the defaults, changed by the options given.
    private func resolvedConfiguration() throws -> TrainingConfiguration {
        var resolved = TrainingConfiguration()
        if let config {
            guard let data = FileManager.default.contents(atPath: config) else { throw ValidationError("cannot read the configuration \(config)") }
            resolved = try JSONDecoder().decode(TrainingConfiguration.self, from: data)
        }
        switch network {
        case nil: break
        case "tiny": resolved.network = .tiny
        case "small": resolved.network = .small
        case "base": resolved.network = .base
        case let other?: throw ValidationError("unknown network '\(other)': expected tiny, small or base")
        }
        if let featureSize { resolved.network.featureSize = featureSize }
        if let roi { resolved.patch.shape = [roi, roi, roi] }
        resolved.network.imageShape = resolved.patch.shape
        if let spacing { resolved.patch.spacing = [spacing, spacing, spacing] }
        if let steps { resolved.steps = steps }
        if let batch { resolved.batchSize = batch }
        if let learningRate { resolved.schedule.peak = learningRate }
        if let minutes { resolved.timeLimit = minutes }
        if let seed { resolved.seed = seed }
        return resolved
    }

    /// What the model file says about its making; folders of this machine are left out.
    private var provenance: Provenance {
        let words = CommandLine.arguments.dropFirst().map { $0.contains("/") ? URL(filePath: $0).lastPathComponent : $0 }
        return Provenance(commands: ["viscera " + words.joined(separator: " ")], data: datalists.map { URL(filePath: $0).lastPathComponent })
    }

    /// SIGTERM and SIGINT save and stop after the current step.
    private func stopOnSignals() {
        for code in [SIGTERM, SIGINT] { signal(code) { _ in Trainer.interruption.store(true, ordering: .relaxed) } }
    }

    private func print(_ event: TrainingEvent) {
        switch event {
        case .started(let volumes, let parameters, let first, let steps):
            messages.console.note("\(volumes) volumes, \(parameters) parameters, steps \(first)…\(steps)")
        case .progressed(let s):
            messages.console.note(
                String(
                    format: "step %6d  loss %.4f  dice %.4f  ce %.4f  lr %.2e  |g| %.2f  %.2f s/step  wait %.0f %%", s.step, s.loss, s.dice,
                    s.crossEntropy, s.learningRate, s.gradientNorm, s.secondsPerStep, s.dataWaitShare * 100))
        case .saved(let path, let step): messages.console.note("step \(step) saved to \(path)")
        case .finished(let step, let reason): messages.console.note("finished at step \(step): \(reason.rawValue)")
        }
    }
}
