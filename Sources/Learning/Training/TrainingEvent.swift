/// What a training run tells its listeners; progress bars, logs and plots are made from these.
public enum TrainingEvent: Sendable {
    /// The data is at hand and the network built; where a checkpoint was found, the run goes on from it.
    case started(RunSummary)
    /// The latest checkpoint was damaged and the one before it is gone on from.
    case recovered(step: Int, reason: String)
    /// The dry step and validation before the first step went well.
    case rehearsed(seconds: Double)
    /// A step of `logInterval` is done.
    case progressed(StepSummary)
    /// A step was left out because its gradients overflowed half precision; the loss scale that the next one gets.
    case skipped(step: Int, lossScale: Double)
    /// A validation is done.
    case validated(ValidationSummary)
    /// Weights were kept because of their score.
    case kept(path: String, step: Int, score: Double)
    /// A checkpoint was written.
    case saved(path: String, step: Int)
    /// The run is over.
    case finished(step: Int, reason: StopReason)

    public enum StopReason: String, Sendable, Codable {
        /// All steps are done.
        case completed
        /// The minutes are over.
        case timeLimit
        /// Somebody asked the run to stop.
        case interrupted
        /// The score has not risen for `patience` validations.
        case plateau
    }
}

/// The size of a run.
public struct RunSummary: Sendable, Codable {
    /// Trained numbers.
    public var parameters: Int
    /// Numbers that are frozen.
    public var frozenParameters: Int
    /// Batches that show the data once.
    public var batchesPerEpoch: Int
    /// Batches per optimizer step.
    public var accumulation: Int
    /// The step that comes first: 0, or where the checkpoint was written.
    public var firstStep: Int
    /// Optimizer steps of the whole run.
    public var steps: Int
}

/// Averages over the steps since the last report.
public struct StepSummary: Sendable, Codable {
    /// Steps done.
    public var step: Int
    /// Times that the data was shown.
    public var epoch: Double
    /// Mean losses: `loss` first, then what the task reports, in its order.
    public var figures: [NamedFigure]
    /// That of the latest step.
    public var learningRate: Double
    /// The mean norm of the gradients before clipping.
    public var gradientNorm: Double
    /// The factor that losses are multiplied by in half precision, else 1.
    public var lossScale: Double
    public var secondsPerStep: Double
    /// The share of time spent waiting for data.
    public var dataWaitShare: Double

    /// The figure of this name.
    public subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }
    /// The mean loss.
    public var loss: Double { self["loss"] ?? .nan }
}

/// A validation during a run.
public struct ValidationSummary: Sendable {
    /// Steps done.
    public var step: Int
    /// Times that the data was shown.
    public var epoch: Double
    public var result: ValidationResult
    /// Whether the score is the greatest so far.
    public var isBest: Bool
    public var seconds: Double
}
