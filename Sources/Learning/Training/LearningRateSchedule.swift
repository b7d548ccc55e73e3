import Foundation

/// The learning rate as a function of the step. Every kind starts with a linear warm-up of `warmUpSteps`, 0 for none.
public struct LearningRateSchedule: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The peak throughout.
        case constant
        /// Multiplied by `factor` every `interval` steps (PyTorch `StepLR`).
        case step
        /// A half cosine from the peak down to the floor at the last step.
        case cosine
        /// Multiplied by `factor` when the validation score has not risen for `patience` validations (PyTorch `ReduceLROnPlateau`, mode max,
        /// relative threshold 10⁻⁴).
        case plateau
        /// The peak until the last `decayShare` of the run, then linearly down to the floor (warm-up–stable–decay).
        case stableDecay
    }

    public var kind = Kind.cosine
    /// The peak learning rate.
    public var peak = 1e-3
    /// Steps of linear warm-up from 0.
    public var warmUpSteps = 100
    /// The last learning rate, as a share of the peak (`cosine`, `stableDecay`).
    public var floorShare = 0.02
    /// Steps between reductions (`step`).
    public var interval = 5000
    /// What a reduction multiplies by (`step`, `plateau`).
    public var factor = 0.1
    /// Validations without a rise that are put up with (`plateau`).
    public var patience = 10
    /// The share of the run that decays (`stableDecay`).
    public var decayShare = 0.2

    public init() {}

    /// A learning rate that never changes.
    public static func constant(_ rate: Double) -> LearningRateSchedule {
        var schedule = LearningRateSchedule()
        (schedule.kind, schedule.peak, schedule.warmUpSteps) = (.constant, rate, 0)
        return schedule
    }

    /// The learning rate at `step` (0-based) of `total`.
    /// - Parameter reductions: how often a plateau has reduced the rate so far.
    public func rate(at step: Int, of total: Int, reductions: Int = 0) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        switch kind {
        case .constant: return peak
        case .step: return peak * pow(factor, Double(step / interval))
        case .plateau: return peak * pow(factor, Double(reductions))
        case .cosine:
            let progress = min(1, Double(step - warmUpSteps) / Double(max(1, total - warmUpSteps)))
            return peak * (floorShare + (1 - floorShare) * 0.5 * (1 + cos(.pi * progress)))
        case .stableDecay:
            let length = max(1, decayShare * Double(total))
            let progress = min(1, max(0, (Double(step) - (Double(total) - length)) / length))
            return peak * (1 - (1 - floorShare) * progress)
        }
    }

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate(path: String = "schedule") throws(LearningError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(LearningError) {
            if !holds { throw .configuration(keyPath: "\(path).\(key)", reason: "expected \(expected), found \(found)") }
        }
        try require(peak > 0 && peak.isFinite, "peak", "a rate above 0", peak)
        try require(warmUpSteps >= 0, "warmUpSteps", "at least 0", warmUpSteps)
        try require((0...1).contains(floorShare), "floorShare", "a share 0…1", floorShare)
        try require(interval > 0, "interval", "at least 1", interval)
        try require(factor > 0 && factor <= 1, "factor", "a factor above 0 and at most 1", factor)
        try require(patience >= 0, "patience", "at least 0", patience)
        try require((0...1).contains(decayShare), "decayShare", "a share 0…1", decayShare)
    }
}
