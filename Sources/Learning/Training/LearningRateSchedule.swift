import Foundation

/// The learning rate as a function of the step: linear warm-up, then a half cosine down to a floor.
public struct LearningRateSchedule: Codable, Sendable, Equatable {
    /// The peak learning rate.
    public var peak = 1e-3
    /// Steps of linear warm-up from 0.
    public var warmUpSteps = 100
    /// The last learning rate, as a share of the peak.
    public var floorShare = 0.02

    public init() {}

    /// The learning rate at `step` (0-based) of `total`.
    public func rate(at step: Int, of total: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let progress = min(1, Double(step - warmUpSteps) / Double(max(1, total - warmUpSteps)))
        return peak * (floorShare + (1 - floorShare) * 0.5 * (1 + cos(.pi * progress)))
    }
}
