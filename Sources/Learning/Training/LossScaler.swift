/// The factor that losses are multiplied by so that small gradients survive half precision (PyTorch 2.11 `GradScaler`: starts at 65536, doubles
/// after 2000 good steps in a row, halves when gradients overflow; the step is then left out).
struct LossScaler: Codable, Equatable, Sendable {
    private(set) var scale = 65536.0
    private(set) var goodSteps = 0

    /// Good steps in a row after which the scale doubles.
    static let growthInterval = 2000
    /// Below this scale the trouble is not one of scaling.
    static let least = 1.0 / 16384

    /// Takes note of whether the gradients of a step were finite.
    mutating func update(isFinite: Bool) {
        if !isFinite {
            scale *= 0.5
            goodSteps = 0
            return
        }
        goodSteps += 1
        if goodSteps == Self.growthInterval {
            scale *= 2
            goodSteps = 0
        }
    }
}
