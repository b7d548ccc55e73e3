import Foundation
import Models
import Segmentation
import Synchronization
import Torch
import TorchNN
import Weights

/// Supervised training of a UNETR on labelled volumes: a plain loop that emits events.
///
/// What step *n* sees depends only on (seed, n), the optimizer state and the weights, so a run resumed from a checkpoint continues as the
/// uninterrupted one would have. All LibTorch work happens on the calling thread; patches are prepared in the background.
public final class Trainer {
    private let configuration: TrainingConfiguration
    private let volumes: [TrainingVolume]
    private let network: UNETR
    private let parameters: [(name: String, tensor: Tensor)]
    private let optimizer: Adam
    private let average: WeightAverage
    private let loss = DiceCrossEntropy()
    private let checkpoint: URL
    private var step = 0

    /// Set to true (from any thread, e.g. a signal handler) to save and stop after the current step.
    public static let interruption = Atomic<Bool>(false)

    /// Builds the network and, when `folder` holds a checkpoint of the same configuration, resumes from it.
    /// - Parameter folder: where `checkpoint.safetensors` is written.
    /// - Throws: `LearningError` for an unusable configuration or checkpoint, `TorchError` from LibTorch.
    public init(configuration: TrainingConfiguration, volumes: [TrainingVolume], folder: URL) throws {
        try configuration.validate()
        guard !volumes.isEmpty else {
            throw LearningError.configuration(keyPath: "volumes", reason: "expected at least one labelled volume, found none")
        }
        self.configuration = configuration
        self.volumes = volumes
        try manualSeed(configuration.seed)
        network = try UNETR(configuration.network)
        parameters = network.namedParameters()
        for (_, tensor) in parameters { _ = try tensor.requiringGradient() }
        optimizer = Adam(parameters, options: AdamOptions(learningRate: configuration.schedule.peak, weightDecay: configuration.weightDecay))
        average = try WeightAverage(parameters, decay: configuration.averageDecay)
        checkpoint = folder.appending(path: "checkpoint.safetensors")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if FileManager.default.fileExists(atPath: checkpoint.path) {
            step = try Checkpoint.read(checkpoint, configuration: configuration).restore(parameters, optimizer: optimizer, average: average)
        }
    }

    /// The averaged weights, for saving and use.
    public var averagedWeights: [(name: String, tensor: Tensor)] { average.averages }

    /// The averaged weights as a package for use: recipe and classes follow from the configuration.
    /// - Parameter provenance: how the run was made (command, data, software); the configuration, seed and steps are added.
    public func package(provenance: Provenance, license: String) throws -> ModelPackage {
        let averaged = try UNETR(configuration.network)
        try averaged.loadState(Dictionary(uniqueKeysWithValues: average.averages.map { ($0.name, $0.tensor) }))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var full = provenance
        full.seed = configuration.seed
        full.note = "\(step) steps; configuration \(String(decoding: try encoder.encode(configuration), as: UTF8.self))"
        return ModelPackage(
            network: averaged, recipe: configuration.recipe, classNames: ModelPackage.classNames(channels: configuration.network.outChannels),
            provenance: full, license: license)
    }

    /// Runs until the configured steps are done, the time is up or the run is interrupted; saves a checkpoint on the way and at the end.
    public func run(onEvent: (TrainingEvent) throws -> Void) throws {
        let count = parameters.reduce(0) { $0 + $1.tensor.count }
        try onEvent(.started(volumes: volumes.count, parameters: count, firstStep: step, steps: configuration.steps))
        let loader = PatchLoader(volumes: volumes, options: configuration.patch, batchSize: configuration.batchSize, seed: configuration.seed)
        let start = ContinuousClock.now
        var meter = StepMeter()
        var reason = TrainingEvent.StopReason.completed
        while step < configuration.steps {
            let waiting = ContinuousClock.now
            let patches = loader.batch(at: step)
            meter.waited(ContinuousClock.now - waiting)
            try takeStep(patches, meter: &meter)
            step += 1
            if step.isMultiple(of: configuration.logInterval) {
                try onEvent(.progressed(meter.summary(step: step)))
                meter = StepMeter()
            }
            if step.isMultiple(of: configuration.checkpointInterval) { try save(onEvent) }
            if Trainer.interruption.load(ordering: .relaxed) { reason = .interrupted }
            if let limit = configuration.timeLimit, ContinuousClock.now - start > .seconds(limit * 60) { reason = .timeLimit }
            if reason != .completed { break }
        }
        try save(onEvent)
        try onEvent(.finished(step: step, reason: reason))
    }

    private func takeStep(_ patches: [Patch], meter: inout StepMeter) throws {
        let channels = configuration.network.outChannels
        let batch = try Batch(patches, shape: configuration.patch.shape, channels: channels)
        let value = try loss(network(batch.image), labels: batch.labels, drawn: batch.drawn)
        let total = Float(try value.total.item())
        guard total.isFinite else { throw LearningError.nonFiniteLoss(step: step, value: total) }
        try value.total.backward()
        let norm = try clipGradientNorm(parameters.map(\.tensor), to: configuration.gradientClipping)
        let rate = configuration.schedule.rate(at: step, of: configuration.steps)
        optimizer.options.learningRate = rate
        try optimizer.step()
        try optimizer.clearGradients()
        try average.update(parameters, step: step)
        meter.stepped(loss: total, dice: Float(try value.dice.item()), crossEntropy: Float(try value.crossEntropy.item()), norm: norm, rate: rate)
    }

    private func save(_ onEvent: (TrainingEvent) throws -> Void) throws {
        try Checkpoint.write(
            checkpoint, configuration: configuration, step: step, parameters: parameters, optimizer: optimizer.state(), average: average.averages)
        try onEvent(.saved(path: checkpoint.path, step: step))
    }
}

/// Averages the figures of the steps between two reports.
private struct StepMeter {
    private let start = ContinuousClock.now
    private var wait = Duration.zero
    private var count = 0
    private var sums: (loss: Float, dice: Float, crossEntropy: Float, norm: Double) = (0, 0, 0, 0)
    private var rate = 0.0

    mutating func waited(_ duration: Duration) { wait += duration }

    mutating func stepped(loss: Float, dice: Float, crossEntropy: Float, norm: Double, rate: Double) {
        count += 1
        sums = (sums.loss + loss, sums.dice + dice, sums.crossEntropy + crossEntropy, sums.norm + norm)
        self.rate = rate
    }

    func summary(step: Int) -> StepSummary {
        let elapsed = ContinuousClock.now - start
        let n = Float(max(1, count))
        return StepSummary(
            step: step, loss: sums.loss / n, dice: sums.dice / n, crossEntropy: sums.crossEntropy / n, learningRate: rate,
            gradientNorm: sums.norm / Double(n), secondsPerStep: elapsed / .seconds(1) / Double(n), dataWaitShare: wait / elapsed)
    }
}
