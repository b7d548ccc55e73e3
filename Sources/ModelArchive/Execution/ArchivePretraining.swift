import Datasets
import Foundation
import Learning
import Torch
import Weights

/// The pre-training that an archive's configuration describes. In the archive's folder of checkpoints it leaves the best weights
/// (`best_metric_model.pt`, a `state_dict` as MONAI 0.9–1.3 names it), `train_stats.json`, and what a `TrainingLoop` leaves: run again, it resumes.
public struct ArchivePretraining {
    private let plan: TrainingPlan
    private let loop: TrainingLoop<PretrainingTask>
    private let writes: Bool
    /// What is learnt, and how, in this project's own form.
    public let configuration: PretrainingConfiguration
    /// What was decided on the way, in sentences.
    public let notes: [String]

    /// Reads the volumes and builds the network.
    /// - Parameter processes: those that train together; only the first reads the validation volumes, measures and writes.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, `DatasetError` for lists, `ImageError` for files,
    ///   `LearningError` for volumes and checkpoints, `WeightError` for weights to start from.
    public init(
        _ configuration: ArchiveConfiguration, device: Device = .cpu, processes: ProcessGroup? = nil, provenance: Provenance, license: String
    ) throws {
        let plan = try configuration.trainingPlan()
        let list = try Datalist(contentsOf: plan.data.list, section: plan.data.section, base: plan.data.base)
        let native = try PretrainingConfiguration(plan, volumes: list.items.count, device: device, file: configuration.document.place.file)
        let cache = VolumeCache(recipe: native.recipe)
        var setting = PretrainingTask.Setting(training: try cache.load(list), folder: plan.folder)
        writes = processes?.isFirst ?? true
        if let validation = plan.validation, writes {
            setting.validation = try cache.load(
                Datalist(contentsOf: validation.data.list, section: validation.data.section, base: validation.data.base))
        }
        setting.provenance = provenance
        setting.provenance.data = [plan.data.list.lastPathComponent]
        (setting.device, setting.license) = (device, license)
        let task = try PretrainingTask(native, setting)
        var notes = plan.notes
        if let weights = plan.initialWeights { notes.append(try StartingWeights.load(weights.file, into: task.parameters, isStrict: true)) }
        loop = try TrainingLoop(task, folder: plan.folder, processes: processes)
        (self.plan, self.notes, self.configuration) = (plan, notes, native)
    }

    /// Where the run's files go.
    public var folder: URL { plan.folder }
    /// The list of the data.
    public var datalist: URL { plan.data.list }

    /// Learns, and writes the weights in PyTorch's form.
    public func run(onEvent: (TrainingEvent) throws -> Void) throws -> TrainingOutcome {
        var outcome = TrainingOutcome(totalSteps: loop.steps)
        try loop.run { event in
            outcome.receive(event)
            try onEvent(event)
        }
        guard writes else { return outcome }
        let last = plan.folder.appending(path: ".last.safetensors")
        defer { try? FileManager.default.removeItem(at: last) }
        try loop.export(to: last)
        let best = plan.folder.appending(path: "best.safetensors")
        let hasBest = plan.validation != nil && FileManager.default.fileExists(atPath: best.path)
        outcome.files.append(try convert(hasBest ? best : last, to: plan.bestName))
        if let name = plan.finalName { outcome.files.append(try convert(last, to: name)) }
        try outcome.writeStatistics(in: plan.folder, epochs: plan.epochs)
        return outcome
    }

    private func convert(_ file: URL, to name: String) throws -> URL {
        let target = plan.folder.appending(path: name)
        try WeightFile.writeTorchCheckpoint(WeightFile.read(file).state, to: target, entry: "state_dict")
        return target
    }
}
