import Segmentation
import Torch

/// How parameters are descended, measured and saved, whatever the task. In a configuration file these keys stand at the top level.
public struct LoopOptions: Codable, Sendable, Equatable {
    public enum Optimizer: String, Codable, Sendable, CaseIterable {
        /// Weight decay is added to the gradient.
        case adam
        /// Weight decay acts on the weights directly.
        case adamw
    }

    /// Optimizer steps of the whole run, unless `epochs` says otherwise.
    public var steps = 10_000
    /// Times that the data is shown; takes the place of `steps`.
    public var epochs: Int?
    /// Wall-clock minutes after which the run saves and stops; the schedule still spans all steps. `nil`: no limit.
    public var timeLimit: Double?
    /// Batches whose mean gradient makes one step.
    public var accumulation = 1
    public var optimizer = Optimizer.adamw
    public var schedule = LearningRateSchedule()
    /// Weight decay, as `optimizer` understands it.
    public var weightDecay = 1e-5
    /// Gradients are scaled down to this joint norm; 0 leaves them as they are.
    public var gradientClipping = 1.0
    /// Decay of the exponential moving average of the weights; the average is what is validated and saved for use. 0: the weights themselves.
    public var averageDecay = 0.999
    /// What convolutions and matrix products are computed in.
    public var precision = Precision.fp32
    /// Learning rates of parameters by the beginning of their names: the first rule that fits holds, without one the factor is 1.
    public var parameterRules: [ParameterRule] = []
    /// Every transformer block learns at the rate of the next one times this (layer-wise decay; 1: all alike).
    public var layerDecay = 1.0
    /// Seed of weights and sampling.
    public var seed: UInt64 = 42
    /// Steps between checkpoints.
    public var checkpointInterval = 250
    /// Steps between lines of progress.
    public var logInterval = 20
    /// Steps between validations; 0: none but the last.
    public var validationInterval = 500
    /// How many weights of the best validations are kept.
    public var keptBest = 1
    /// Validations without a rise of the score after which the run stops. `nil`: never.
    public var patience: Int?
    /// The least rise of the score that counts as one.
    public var minimumRise = 0.0
    /// Whether the run starts with a dry step and validation, so that a lack of memory shows at once.
    public var rehearses = true

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first key path that cannot be used.
    public func validate() throws(LearningError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(LearningError) {
            if !holds { throw .configuration(keyPath: key, reason: "expected \(expected), found \(found)") }
        }
        try require(steps > 0, "steps", "at least 1", steps)
        try require(epochs.map { $0 > 0 } ?? true, "epochs", "at least 1", epochs ?? 0)
        try require(timeLimit.map { $0 > 0 } ?? true, "timeLimit", "minutes above 0", timeLimit ?? 0)
        try require(accumulation > 0, "accumulation", "at least 1", accumulation)
        try schedule.validate()
        try require(weightDecay >= 0 && weightDecay.isFinite, "weightDecay", "at least 0", weightDecay)
        try require(gradientClipping >= 0 && gradientClipping.isFinite, "gradientClipping", "a norm of at least 0", gradientClipping)
        try require((0..<1).contains(averageDecay), "averageDecay", "0 ≤ decay < 1", averageDecay)
        for (index, rule) in parameterRules.enumerated() {
            try require(rule.factor >= 0 && rule.factor.isFinite, "parameterRules[\(index)].factor", "at least 0", rule.factor)
            try require(rule.heldSteps ?? 0 >= 0, "parameterRules[\(index)].heldSteps", "at least 0", rule.heldSteps ?? 0)
        }
        try require(layerDecay > 0 && layerDecay <= 1, "layerDecay", "a factor above 0 and at most 1", layerDecay)
        try require(checkpointInterval > 0, "checkpointInterval", "at least 1", checkpointInterval)
        try require(logInterval > 0, "logInterval", "at least 1", logInterval)
        try require(validationInterval >= 0, "validationInterval", "at least 0", validationInterval)
        try require(keptBest >= 0, "keptBest", "at least 0", keptBest)
        try require(patience.map { $0 > 0 } ?? true, "patience", "at least 1", patience ?? 0)
        try require(minimumRise >= 0, "minimumRise", "at least 0", minimumRise)
    }

    /// Optimizer steps of a run over data of this many batches.
    public func totalSteps(batchesPerEpoch: Int) -> Int {
        epochs.map { max(1, ($0 * batchesPerEpoch + accumulation - 1) / accumulation) } ?? steps
    }

    /// Until which step the parameter `name` keeps its value.
    public func heldSteps(of name: String) -> Int { parameterRules.first { name.hasPrefix($0.prefix) }?.heldSteps ?? 0 }

    /// What the learning rate of the parameter `name` is multiplied by.
    ///
    /// Names of transformer blocks hold `blocks.N.`; with `layerDecay` d and L blocks, block N learns at d^(L − N), and what precedes the blocks
    /// (`patch_embedding`) at d^(L + 1) (layer-wise decay of BEiT, Bao et al. 2022).
    public func factor(of name: String, blockCount: Int) -> Double {
        let ruled = parameterRules.first { name.hasPrefix($0.prefix) }?.factor ?? 1
        guard layerDecay < 1 else { return ruled }
        var depth: Int?
        if name.contains("patch_embedding.") { depth = -1 }
        if let range = name.range(of: "blocks."), let block = Int(name[range.upperBound...].prefix { $0 != "." }) { depth = block }
        guard let depth, depth < blockCount else { return ruled }
        var factor = ruled
        for _ in 0..<(blockCount - depth) { factor *= layerDecay }
        return factor
    }
}

extension LoopOptions {
    /// The same without what may change between a checkpoint and the run that goes on from it: length, limits, intervals.
    func withoutLimits() -> LoopOptions {
        var copy = self
        let defaults = LoopOptions()
        (copy.steps, copy.epochs, copy.timeLimit, copy.patience) = (defaults.steps, nil, nil, nil)
        (copy.checkpointInterval, copy.logInterval) = (defaults.checkpointInterval, defaults.logInterval)
        (copy.validationInterval, copy.keptBest, copy.rehearses) = (defaults.validationInterval, defaults.keptBest, defaults.rehearses)
        return copy
    }
}
