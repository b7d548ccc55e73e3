import Foundation

/// Something that happened in a training run, as logs, plots and reports know it; plain values, whatever is trained.
public enum RunEvent: Sendable, Equatable {
    /// The run starts or goes on after `firstStep` finished steps (0: from the beginning), of `steps` in all.
    case started(firstStep: Int, steps: Int)
    /// Named figures after `step` finished steps, such as `loss` or `learningRate`; not finite values are kept as they are.
    case measured(step: Int, figures: [String: Double])
    /// The network was validated.
    case validated(RunValidation)
    /// Something that the reader must know before trusting the run.
    case warned(step: Int, text: String)
    /// A checkpoint was written.
    case saved(step: Int, file: String)
    /// The run ended or paused.
    case finished(step: Int, reason: String)

    /// The number of finished steps when it happened.
    public var step: Int {
        switch self {
        case .started(let step, _), .measured(let step, _), .warned(let step, _), .saved(let step, _), .finished(let step, _): step
        case .validated(let validation): validation.step
        }
    }
}

/// An event and when it happened.
public struct RunEntry: Sendable, Equatable {
    public var time: Date
    public var event: RunEvent

    public init(time: Date, event: RunEvent) {
        self.time = time
        self.event = event
    }
}
