import Foundation
import Torch

/// The training of any `LearningTask`: a plain loop that emits events.
///
/// What step *n* sees depends only on (seed, n), the optimizer state and the weights, so a run resumed from a checkpoint continues bit by bit as the
/// uninterrupted one would have. All LibTorch work happens on the calling thread; batches are made in the background.
///
/// With a process group, every process runs the loop: each takes its own batches, gradients are averaged before every step, validation cases are
/// shared out, and the first process reports and writes. All of them read checkpoints from the same folder. An error in one
/// process while it learns from a batch, validates, reports or writes ends the others with its message.
///
/// In the run's folder: `checkpoint.safetensors` (to resume from), `checkpoint-previous.safetensors` (the one before, resumed from when the latest
/// is damaged), `best.safetensors` and, with `keptBest` above 1, `best-NNNNNNN.safetensors`
/// (weights for use, by validation score).
public final class TrainingLoop<Task: LearningTask> {
    public let task: Task
    public let options: LoopOptions
    /// Where the run stands.
    public internal(set) var state = LoopState()
    /// Where checkpoints and kept weights go.
    public let folder: URL
    /// Optimizer steps of the whole run.
    public let steps: Int

    /// The processes that train together; `nil`: this one alone.
    let processes: ProcessGroup?
    let source: ShardedSource<Task.Source>
    let parameters: [(name: String, tensor: Tensor)]
    let groups: ParameterGroups
    let average: WeightAverage
    private let identity: String
    private var checkpoints: CheckpointFolder { CheckpointFolder(folder: folder) }
    /// What the reader should know about the checkpoint that the run goes on from.
    private var recovery: String?

    /// Prepares the run and, when `folder` holds a checkpoint of the same configuration, resumes from it.
    /// - Parameters:
    ///   - processes: the group to train with.
    ///   - identity: what a checkpoint must have in common with the run that goes on from it, besides `options`; compared as JSON.
    /// - Throws: `LearningError` for an unusable configuration or checkpoint, `TorchError` from LibTorch.
    public init(task: Task, options: LoopOptions, folder: URL, processes: ProcessGroup? = nil, identity: some Encodable) throws {
        try options.validate()
        self.task = task
        self.options = options
        self.folder = folder
        self.identity = try RunIdentity(options: options.withoutLimits(), task: identity).json()
        self.processes = processes
        source = ShardedSource(task.source, group: processes)
        steps = options.totalSteps(batchesPerEpoch: source.batchesPerEpoch)
        parameters = task.parameters
        try processes?.broadcast(parameters.map(\.tensor))
        let blocks = Self.blockCount(parameters.map(\.name))
        groups = try ParameterGroups(
            parameters, options: AdamOptions(weightDecay: options.weightDecay, decouplesWeightDecay: options.optimizer == .adamw)
        ) {
            options.factor(of: $0, blockCount: blocks)
        } heldSteps: {
            options.heldSteps(of: $0)
        }
        guard !groups.learning.isEmpty else {
            throw LearningError.configuration(keyPath: "parameterRules", reason: "expected a factor above 0 for some parameter, all are frozen")
        }
        average = try WeightAverage(parameters, decay: options.averageDecay)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let found = try checkpoints.read(identity: self.identity) {
            try found.checkpoint.restore(parameters, optimizer: groups, average: average)
            (state, recovery) = (found.checkpoint.state, found.recovery)
        }
        if isFirst { checkpoints.removeLeftovers() }
        try requireCommonStart()
    }

    /// The averaged weights, for saving and use.
    public var averagedWeights: [(name: String, tensor: Tensor)] { average.averages }

    /// Writes the averaged weights as a file for use.
    public func export(to url: URL) throws { try task.export(average.averages, step: state.step, to: url) }

    /// Runs until the configured steps are done, the time is up, the score stands still or the run is interrupted; saves a checkpoint on the way
    /// and at the end.
    public func run(onEvent report: (TrainingEvent) throws -> Void) throws {
        func onEvent(_ event: TrainingEvent) throws { try inFirst { try report(event) } }
        try onEvent(.started(summary))
        if let recovery { try onEvent(.recovered(step: state.step, reason: recovery)) }
        let start = ContinuousClock.now
        let loader = BatchLoader(source, end: steps * options.accumulation)
        if options.rehearses, state.step < steps { try rehearse(loader, onEvent) }
        var meter = StepMeter()
        var reason = TrainingEvent.StopReason.completed
        while state.step < steps {
            try takeStep(loader, meter: &meter, onEvent)
            state.step += 1
            if state.step.isMultiple(of: options.logInterval) {
                try onEvent(.progressed(meter.summary(step: state.step, epoch: epoch, lossScale: lossScale)))
                meter = StepMeter()
            }
            if isValidationDue {
                let validating = ContinuousClock.now
                try validate(report)
                meter.leaveOut(ContinuousClock.now - validating)
            }
            if let patience = options.patience, state.validationsSinceRise >= patience { reason = .plateau }
            if let limit = options.timeLimit, ContinuousClock.now - start > .seconds(limit * 60) { reason = .timeLimit }
            if TrainingInterruption.isRequested.load(ordering: .relaxed) { reason = .interrupted }
            reason = try agreed(reason)
            if reason != .completed { break }
            if state.step.isMultiple(of: options.checkpointInterval), state.step < steps { try save(report) }
        }
        try save(report)
        try onEvent(.finished(step: state.step, reason: reason))
    }

    /// Times that the data was shown.
    var epoch: Double { Double(state.step * options.accumulation) / Double(max(1, source.batchesPerEpoch)) }

    private var isValidationDue: Bool {
        state.step == steps || (options.validationInterval > 0 && state.step.isMultiple(of: options.validationInterval))
    }

    private var summary: RunSummary {
        RunSummary(
            parameters: parameters.reduce(0) { $0 + $1.tensor.count } - groups.frozenCount, frozenParameters: groups.frozenCount,
            batchesPerEpoch: source.batchesPerEpoch, accumulation: options.accumulation, firstStep: state.step, steps: steps)
    }

    private func save(_ report: (TrainingEvent) throws -> Void) throws {
        try inFirst {
            try checkpoints.replaceLatest {
                try Checkpoint.write($0, identity: identity, state: state, parameters: parameters, optimizer: groups, average: average)
            }
            try report(.saved(path: checkpoints.latest.path, step: state.step))
        }
    }

    /// How many transformer blocks the names tell of.
    private static func blockCount(_ names: [String]) -> Int {
        let blocks = names.compactMap { name in name.range(of: "blocks.").flatMap { Int(name[$0.upperBound...].prefix { $0 != "." }) } }
        return (blocks.max() ?? -1) + 1
    }
}

/// What a checkpoint must have in common with the run that goes on from it.
private struct RunIdentity<Description: Encodable>: Encodable {
    var options: LoopOptions
    var task: Description

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
