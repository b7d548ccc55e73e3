import Datasets
import Foundation
import Learning
import Segmentation
import Torch
import Weights

/// The training that an archive's configuration describes. In the archive's folder of checkpoints it leaves the best weights (`model.pt`), the
/// last ones (`final_model.pt`, where asked for), `train_stats.json`, and what a `TrainingLoop` leaves: run again, it resumes.
public struct ArchiveTraining {
    private let plan: TrainingPlan
    private let loop: TrainingLoop<SegmentationTask>
    private let writes: Bool
    /// What is trained, and how, in this project's own form.
    public let configuration: TrainingConfiguration
    /// What was decided on the way, in sentences.
    public let notes: [String]

    /// What a training left behind.
    public struct Outcome: Encodable, Sendable {
        /// The weights and statistics written.
        public var files: [URL]
        /// The greatest score of a validation, and the step and epoch that reached it; `nil` without validation.
        public var bestValidationMetric: Double?
        public var bestValidationStep: Int?
        public var bestValidationEpoch: Double?
        public var totalSteps: Int
    }

    /// Reads the data and builds the network.
    /// - Parameter processes: those that train together; only the first reads the validation cases, measures and writes.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, `DatasetError` for lists, `ImageError` for files,
    ///   `LearningError` for samples and checkpoints, `WeightError` for weights to start from.
    public init(
        _ configuration: ArchiveConfiguration, device: Device = .cpu, processes: ProcessGroup? = nil, provenance: Provenance, license: String
    ) throws {
        let plan = try configuration.trainingPlan()
        let list = try Datalist(contentsOf: plan.data.list, section: plan.data.section, base: plan.data.base)
        let native = try TrainingConfiguration(plan, volumes: list.items.count, device: device, file: configuration.document.place.file)
        var notes = plan.notes
        if plan.usesReducedPrecision, native.loop.precision == .fp32 { notes.append("amp has no effect on \(device): single precision is used") }
        if native.published.flipProbability > 0 { notes.append("left–right flips swap the labels of paired organs, unlike MONAI's") }
        let source = try SegmentationSource.load([list], native)
        let cases = try plan.validation.map { validation -> [ValidationCase] in
            guard processes?.isFirst ?? true else { return [] }
            let list = try Datalist(contentsOf: validation.data.list, section: validation.data.section, base: validation.data.base)
            return try list.items.map {
                try ValidationCase($0, of: list, recipe: native.preprocessing, channels: native.network.outChannels)
            }
        }
        var record = provenance
        record.data = [plan.data.list.lastPathComponent]
        let task = try SegmentationTask(
            configuration: native, source: source, validation: cases ?? [], device: device, provenance: record, license: license)
        if let weights = plan.initialWeights {
            notes.append(try StartingWeights.load(weights.file, into: task.parameters, isStrict: weights.isStrict))
        }
        // A checkpoint in the folder wins over weights to start from.
        loop = try TrainingLoop(task, configuration: native, folder: plan.folder, processes: processes)
        writes = processes?.isFirst ?? true
        (self.plan, self.notes, self.configuration) = (plan, notes, native)
    }

    /// Where the run's files go.
    public var folder: URL { plan.folder }
    /// The list of the data.
    public var datalist: URL { plan.data.list }

    /// Trains, and writes the weights in PyTorch's form.
    public func run(onEvent: (TrainingEvent) throws -> Void) throws -> Outcome {
        var outcome = Outcome(files: [], totalSteps: loop.steps)
        try loop.run { event in
            if case .validated(let validation) = event, validation.isBest {
                outcome.bestValidationMetric = validation.result.score
                (outcome.bestValidationStep, outcome.bestValidationEpoch) = (validation.step, validation.epoch)
            }
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
        outcome.files.append(try writeStatistics(outcome))
        return outcome
    }

    /// The weights of a run's file under the name, and in the form, that the archive expects.
    private func convert(_ file: URL, to name: String) throws -> URL {
        let target = plan.folder.appending(path: name)
        let package = try ModelPackage.read(file)
        if name.hasSuffix(".safetensors") { try package.write(to: target) } else { try package.writeCheckpoint(to: target) }
        return target
    }

    private func writeStatistics(_ outcome: Outcome) throws -> URL {
        let url = plan.folder.appending(path: "train_stats.json")
        var members: [JSONValue.Member] = [.init("total_steps", .integer(outcome.totalSteps)), .init("total_epochs", .integer(plan.epochs))]
        if let metric = outcome.bestValidationMetric, let step = outcome.bestValidationStep, let epoch = outcome.bestValidationEpoch {
            members += [
                .init("best_validation_metric", .double(metric)), .init("best_validation_step", .integer(step)),
                .init("best_validation_epoch", .double(epoch)),
            ]
        }
        do { try Data(JSONValue.object(members).prettyText.utf8).write(to: url, options: .atomic) } catch {
            throw ArchiveError.unwritable(path: url.path, reason: error.localizedDescription)
        }
        return url
    }
}
