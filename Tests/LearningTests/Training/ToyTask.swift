import Foundation
import Learning
import Torch
import Weights

/// Batch *i* is the target of four numbers: 1 + 0.1·i mod 7.
struct ToySource: BatchSource {
    var batchesPerEpoch = 4

    func batch(at index: Int) -> [Float] { [1, 2, 3, 4].map { $0 + 0.1 * Float(index % 7) } }
}

/// The mean squared distance of two parameters of two numbers each from a target: small enough to follow by hand.
final class ToyTask: LearningTask {
    let source = ToySource()
    let parameters: [(name: String, tensor: Tensor)]
    /// What validations score, by their order; afterwards the last one again.
    var scores: [Double] = []
    /// Multiplies the loss of a step's first batch, to make it overflow.
    var spoilers: [Int: Double] = [:]
    private(set) var validations: [Int] = []
    private(set) var rehearsals = 0
    private var losses = 0

    init(_ start: [Float] = [0.5, -0.5, 0.25, -0.25]) throws {
        parameters = [
            ("encoder.weight", try Tensor(Array(start[0..<2]))), ("decoder.weight", try Tensor(Array(start[2..<4]))),
        ]
    }

    func loss(of batch: [Float]) throws -> LossValue {
        let values = try Tensor.concatenated(parameters.map(\.tensor), axis: 0)
        let difference = try values - Tensor(batch)
        var total = try (difference * difference).mean()
        if let factor = spoilers[losses] { total = try total * factor }
        losses += 1
        return LossValue(total: total, figures: [NamedFigure("half", try total.item() / 2)])
    }

    func validate(step: Int, among shares: WorkShares) throws -> ValidationResult? {
        guard !scores.isEmpty else { return nil }
        let score = scores[min(validations.count, scores.count - 1)]
        validations.append(step)
        return ValidationResult(score: score, figures: [NamedFigure("score", score)])
    }

    func rehearse(among shares: WorkShares) throws { rehearsals += 1 }

    func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws {
        var state = StateDictionary(metadata: ["step": "\(step)"])
        for (name, tensor) in weights { state[name] = try StoredTensor(type: .float32, shape: tensor.shape, bytes: tensor.data()) }
        try WeightFile.writeSafetensors(state, to: url)
    }

    /// All numbers.
    func values() throws -> [Float] { try parameters.flatMap { try $0.tensor.floats() } }
}

extension LoopOptions {
    /// Plain descent: constant rate, no decay, no clipping, no average, no dry run.
    static func plain(steps: Int, rate: Double = 0.1) -> LoopOptions {
        var options = LoopOptions()
        options.steps = steps
        options.schedule = .constant(rate)
        (options.weightDecay, options.gradientClipping, options.averageDecay) = (0, 0, 0)
        (options.logInterval, options.checkpointInterval, options.validationInterval) = (1, 1000, 1)
        options.rehearses = false
        return options
    }
}
