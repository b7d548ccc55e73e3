import Models
import Preprocessing

/// Everything that decides a supervised training run; saved with the run.
public struct TrainingConfiguration: Codable, Sendable, Equatable {
    /// The network; `imageShape` must equal `patch.shape`.
    public var network: UNETRConfiguration = .tiny
    /// How patches are drawn.
    public var patch = PatchOptions()
    /// Patches per step.
    public var batchSize = 2
    /// Optimizer steps of the whole run.
    public var steps = 10_000
    /// The learning rate.
    public var schedule = LearningRateSchedule()
    /// Decoupled weight decay of AdamW.
    public var weightDecay = 1e-5
    /// Gradients are scaled down to this norm.
    public var gradientClipping = 1.0
    /// Decay of the exponential moving average of the weights; the average is what is saved for use.
    public var averageDecay = 0.999
    /// Seed of weights and sampling.
    public var seed: UInt64 = 42
    /// Steps between checkpoints.
    public var checkpointInterval = 250
    /// Steps between lines of progress.
    public var logInterval = 20
    /// Wall-clock minutes after which the run saves and stops; the schedule still spans `steps`. `nil`: no limit.
    public var timeLimit: Double?

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first key path that cannot be used.
    public func validate() throws(LearningError) {
        try patch.validate()
        guard network.imageShape == patch.shape else {
            throw .configuration(keyPath: "network.imageShape", reason: "expected the patch shape \(patch.shape), found \(network.imageShape)")
        }
        guard batchSize > 0 else { throw .configuration(keyPath: "batchSize", reason: "expected at least 1, found \(batchSize)") }
        guard steps > 0 else { throw .configuration(keyPath: "steps", reason: "expected at least 1, found \(steps)") }
        guard (0..<1).contains(averageDecay) else {
            throw .configuration(keyPath: "averageDecay", reason: "expected 0 ≤ decay < 1, found \(averageDecay)")
        }
        guard schedule.peak > 0 else { throw .configuration(keyPath: "schedule.peak", reason: "expected a rate above 0, found \(schedule.peak)") }
    }

    /// The preprocessing that a network trained on these patches expects at inference: RAS, the patch spacing and window.
    public var recipe: PreprocessingRecipe {
        var recipe = PreprocessingRecipe.abdominalCT
        recipe.spacing = patch.spacing
        recipe.intensity?.lower = patch.window[0]
        recipe.intensity?.upper = patch.window[1]
        return recipe
    }
}
