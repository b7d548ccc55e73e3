/// What a training run tells its listeners; progress bars, logs and plots are made from these.
public enum TrainingEvent: Sendable {
    /// The data is in memory and the network built.
    case started(volumes: Int, parameters: Int, firstStep: Int, steps: Int)
    /// A step of `logInterval` is done: mean losses since the last event, the learning rate, seconds per step and the share of time spent waiting for data.
    case progressed(StepSummary)
    /// A checkpoint was written.
    case saved(path: String, step: Int)
    /// The run is over.
    case finished(step: Int, reason: StopReason)

    public enum StopReason: String, Sendable { case completed, timeLimit, interrupted }
}

/// Averages over the steps since the last report.
public struct StepSummary: Sendable, Codable {
    public var step: Int
    public var loss: Float
    public var dice: Float
    public var crossEntropy: Float
    public var learningRate: Double
    public var gradientNorm: Double
    public var secondsPerStep: Double
    public var dataWaitShare: Double
}
