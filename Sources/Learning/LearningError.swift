import Foundation

/// What can go wrong in learning; every message says what was expected, what was found and what to do.
public enum LearningError: Error, Equatable, CustomStringConvertible {
    /// A configuration value that cannot be used.
    case configuration(keyPath: String, reason: String)
    /// An image and its label that do not share a grid, or a label value out of range.
    case sample(name: String, reason: String)
    /// The loss became NaN or infinite.
    case nonFiniteLoss(step: Int, value: Float)
    /// Gradients became NaN or infinite, in half precision at every loss scale.
    case nonFiniteGradient(step: Int)
    /// A checkpoint that is missing, damaged or of another run.
    case checkpoint(file: String, reason: String)
    /// Volumes that do not fit into memory, in bytes; `read` of them were read when that was clear.
    case memory(needed: Int, limit: Int, volumes: Int, read: Int)
    /// Another process of the run failed, which ends this one, too.
    case process(rank: Int, reason: String)
    /// A weight file from which no encoder can be taken.
    case transfer(file: String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let keyPath, let reason): "configuration \(keyPath): \(reason)"
        case .sample(let name, let reason): "case \(name): \(reason)"
        case .nonFiniteLoss(let step, let value):
            "the loss became \(value) at step \(step): expected a finite number; lower --learning-rate or look for damaged images (viscera inspect)"
        case .nonFiniteGradient(let step):
            "the gradients of step \(step) are not finite: expected finite numbers; lower --learning-rate, or use --precision bf16 or fp32"
        case .checkpoint(let file, let reason): "checkpoint \(file): \(reason)"
        case .memory(let needed, let limit, let volumes, let read):
            "the \(volumes) volumes take about \(needed >> 20) MiB in memory (judged from the first \(read)), \(limit >> 20) MiB are allowed: "
                + "choose a smaller pool (--cache-num, --cache-rate), keep volumes on disk (--cache FOLDER) or raise the limit (--memory)"
        case .process(let rank, let reason): "process \(rank) of the run failed, so this one ends, too: \(reason)"
        case .transfer(let file, let reason): "pre-trained weights \(file): \(reason)"
        }
    }
}
