import Foundation
import Torch
import TorchNN

/// Where the batches of a run come from: a pure function from an index to a batch, so that batches can be made ahead on other threads and a
/// resumed run sees what the uninterrupted one would have seen.
public protocol BatchSource: Sendable {
    associatedtype Batch: Sendable

    /// How many batches show the data once.
    var batchesPerEpoch: Int { get }

    /// Makes batch `index` (from 0). Depends on the index and on nothing else; called on background threads, several at a time.
    func batch(at index: Int) throws -> Batch
}

/// The loss of one batch: what is descended, and figures to report.
public struct LossValue {
    /// A scalar that carries the gradient.
    public var total: Tensor
    /// Parts of the loss worth reporting, by name; `loss` itself is reported by the loop.
    public var figures: [NamedFigure]
    /// What must run after `total.backward()` so that the gradients reach the parameters; `nil` where all was recorded.
    public var tape: RecomputationTape?

    public init(total: Tensor, figures: [NamedFigure] = [], tape: RecomputationTape? = nil) {
        self.total = total
        self.figures = figures
        self.tape = tape
    }
}

/// What a `TrainingLoop` trains: parameters, batches, a loss, and a way to measure progress.
///
/// All methods but `source`'s run on the loop's thread.
public protocol LearningTask {
    associatedtype Source: BatchSource

    /// Where batches come from.
    var source: Source { get }
    /// Every trained tensor under its name in files, in a fixed order.
    var parameters: [(name: String, tensor: Tensor)] { get }
    /// Where the parameters live.
    var device: Device { get }

    /// The batch in parts whose losses, times their shares, sum up to its own; they go through the network one after the other.
    func parts(of batch: Source.Batch) -> [(batch: Source.Batch, share: Double)]

    /// The loss of a batch. With mixed precision, runs within autocast: sums, exponentials and logarithms belong in float32.
    func loss(of batch: Source.Batch) throws -> LossValue

    /// Measures the parameters as they are now (the loop puts the averaged weights in place before); `nil` when there is nothing to measure on.
    /// Runs without recording gradients, in every process of a run.
    /// - Parameter shares: how the processes share the cases; what is returned must be the same in all of them.
    func validate(step: Int, among shares: WorkShares) throws -> ValidationResult?

    /// Does once, in short, what needs the most memory besides a step, such as the largest validation case: a run that will not fit ends before
    /// its first step rather than hours later. Makes no calls to other processes.
    func rehearse(among shares: WorkShares) throws

    /// Writes weights as a file that can be put to use, atomically.
    func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws
}

extension LearningTask {
    public var device: Device { .cpu }
    public func parts(of batch: Source.Batch) -> [(batch: Source.Batch, share: Double)] { [(batch, 1)] }
    public func validate(step: Int, among shares: WorkShares) throws -> ValidationResult? { nil }
    public func rehearse(among shares: WorkShares) throws {}
}
