import Foundation
import Learning
import Torch
import Weights

/// The pre-training that an archive's configuration describes. In the archive's folder of checkpoints it leaves the best weights
/// (`best_metric_model.pt`, a `state_dict` as MONAI 0.9–1.3 names it), `train_stats.json`, and what a `TrainingLoop` leaves: run again, it resumes.
public struct ArchivePretraining {
    private let archiveRun: ArchiveRun<PretrainingTask>
    /// What is learnt, and how, in this project's own form.
    public let configuration: PretrainingConfiguration
    /// What was decided on the way, in sentences.
    public let notes: [String]

    /// Reads the volumes and builds the network.
    /// - Parameters:
    ///   - resources: the device, and how memory is spared.
    ///   - processes: those that train together; they share the validation volumes, and the first reports and writes.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, `DatasetError` for lists, `ImageError` for files,
    ///   `LearningError` for volumes and checkpoints, `WeightError` for weights to start from.
    public init(
        _ configuration: ArchiveConfiguration, _ resources: ArchiveResources = ArchiveResources(), processes: ProcessGroup? = nil,
        provenance: Provenance, license: String
    ) throws {
        let plan = try configuration.trainingPlan()
        let shares = WorkShares(processes)
        let volumes = try plan.data.items()
        var native = try PretrainingConfiguration(plan, volumes: volumes.count, device: resources.device, file: configuration.document.place.file)
        let cache = try resources.cache(&native.cache, &native.memory, seed: native.loop.seed)
        let reader = PretrainingVolume.reader(native.recipe)
        var summary = SampleCache.Summary()
        let training = try shares.together { try cache.training(volumes, reader) { summary = $0 } }
        var setting = PretrainingTask.Setting(training: training, folder: plan.folder)
        if let data = plan.validation?.data {
            setting.validation = try shares.together { try cache.validation(data.items(), reader, holding: data.cache, among: shares) }
        }
        setting.provenance = provenance
        setting.provenance.data = [plan.data.list.lastPathComponent]
        (setting.device, setting.license) = (resources.device, license)
        let task = try PretrainingTask(native, setting)
        var notes = plan.notes + [summary.text(section: plan.data.section)]
        if let weights = plan.initialWeights { notes.append(try StartingWeights.load(weights.file, into: task.parameters)) }
        archiveRun = ArchiveRun(plan: plan, loop: try TrainingLoop(task, folder: plan.folder, processes: processes), writes: shares.isFirst)
        (self.notes, self.configuration) = (notes, native)
    }

    /// Where the run's files go.
    public var folder: URL { archiveRun.plan.folder }
    /// The list of the data.
    public var datalist: URL { archiveRun.plan.data.list }

    /// Learns, and writes the weights in PyTorch's form.
    public func run(onEvent: (TrainingEvent) throws -> Void) throws -> TrainingOutcome {
        try archiveRun.run(
            converting: { try WeightFile.writeTorchCheckpoint(WeightFile.read($0).state, to: $1, entry: "state_dict") }, onEvent: onEvent)
    }
}
