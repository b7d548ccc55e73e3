import Foundation
import Learning
import Segmentation
import Torch
import Weights

/// The training that an archive's configuration describes. In the archive's folder of checkpoints it leaves the best weights (`model.pt`), the
/// last ones (`final_model.pt`, where asked for), `train_stats.json`, and what a `TrainingLoop` leaves: run again, it resumes.
public struct ArchiveTraining {
    private let archiveRun: ArchiveRun<SegmentationTask>
    /// What is trained, and how, in this project's own form.
    public let configuration: TrainingConfiguration
    /// What was decided on the way, in sentences.
    public let notes: [String]

    /// Reads the data and builds the network.
    /// - Parameters:
    ///   - resources: the device, and how memory is spared.
    ///   - processes: those that train together; they share the validation cases, and the first reports and writes.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, `DatasetError` for lists, `ImageError` for files,
    ///   `LearningError` for samples and checkpoints, `WeightError` for weights to start from.
    public init(
        _ configuration: ArchiveConfiguration, _ resources: ArchiveResources = ArchiveResources(), processes: ProcessGroup? = nil,
        provenance: Provenance, license: String
    ) throws {
        let plan = try configuration.trainingPlan()
        let shares = WorkShares(processes)
        let list = try plan.data.datalist()
        var native = try TrainingConfiguration(plan, volumes: list.items.count, device: resources.device, file: configuration.document.place.file)
        let cache = try resources.cache(&native.cache, &native.memory, seed: native.loop.seed)
        var notes = plan.notes
        if plan.usesReducedPrecision, native.loop.precision == .fp32 {
            notes.append("amp has no effect on \(resources.device): single precision is used")
        }
        if native.published.flipProbability > 0 { notes.append("left–right flips swap the labels of paired organs, unlike MONAI's") }
        var summary = SampleCache.Summary()
        let source = try shares.together { try SegmentationSource.load([list], native, cache: cache) { summary = $0 } }
        notes.append(summary.text(section: plan.data.section))
        let cases = try shares.together { try Self.cases(plan, native, cache, shares) }
        var record = provenance
        record.data = [plan.data.list.lastPathComponent]
        let task = try SegmentationTask(
            configuration: native, source: source, validation: cases, device: resources.device, provenance: record, license: license)
        func start() throws -> TrainingLoop<SegmentationTask> {
            if let weights = plan.initialWeights {
                notes.append(
                    weights.isStrict
                        ? try StartingWeights.load(weights.file, into: task.parameters) : try StartingWeights.loadEncoder(weights.file, into: task))
            }
            return try TrainingLoop(task, configuration: native, folder: plan.folder, processes: processes)
        }
        var loop = try start()
        // The checkpoint of an unfinished run wins over weights to start from; that of a finished one is set aside for a new run.
        if plan.initialWeights != nil, loop.state.step >= loop.steps {
            if shares.isFirst { try Self.setAside(plan.folder.appending(path: "checkpoint.safetensors")) }
            try processes?.barrier()
            notes.removeLast()
            loop = try start()
        }
        archiveRun = ArchiveRun(plan: plan, loop: loop, writes: shares.isFirst)
        (self.notes, self.configuration) = (notes, native)
    }

    private static func cases(
        _ plan: TrainingPlan, _ native: TrainingConfiguration, _ cache: SampleCache, _ shares: WorkShares
    ) throws -> SampleStore<ValidationCase> {
        guard let data = plan.validation?.data else { return SampleStore([]) }
        let reader = ValidationCase.reader(native.preprocessing, channels: native.network.outChannels)
        return try cache.validation(data.items(), reader, holding: data.cache, among: shares)
    }

    private static func setAside(_ checkpoint: URL) throws(ArchiveError) {
        let previous = checkpoint.deletingLastPathComponent().appending(path: "checkpoint.previous.safetensors")
        do {
            try? FileManager.default.removeItem(at: previous)
            try FileManager.default.moveItem(at: checkpoint, to: previous)
        } catch { throw .unwritable(path: previous.path, reason: error.localizedDescription) }
    }

    /// Where the run's files go.
    public var folder: URL { archiveRun.plan.folder }
    /// The list of the data.
    public var datalist: URL { archiveRun.plan.data.list }

    /// Trains, and writes the weights in PyTorch's form.
    public func run(onEvent: (TrainingEvent) throws -> Void) throws -> TrainingOutcome {
        try archiveRun.run(
            converting: { file, target in
                let package = try ModelPackage.read(file)
                if target.pathExtension == "safetensors" { try package.write(to: target) } else { try package.writeCheckpoint(to: target) }
            }, onEvent: onEvent)
    }
}
