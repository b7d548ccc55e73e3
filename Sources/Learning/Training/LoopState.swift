/// The numbers of a run that are not tensors; with weights, moments and average they make a checkpoint.
public struct LoopState: Codable, Equatable, Sendable {
    /// Weights kept because of their score.
    public struct Kept: Codable, Equatable, Sendable {
        /// The file's name in the run's folder.
        public var file: String
        public var step: Int
        public var score: Double
    }

    /// Optimizer steps done.
    public var step = 0
    /// The best validations, best first.
    public var kept: [Kept] = []
    /// The greatest score so far.
    public var bestScore: Double?
    /// Validations since the score last rose.
    public var validationsSinceRise = 0
    /// How often a plateau has reduced the learning rate.
    public var reductions = 0
    /// The score that a plateau schedule compares with, and the validations since it was reached.
    var plateauScore: Double?
    var plateauValidations = 0
    var scaler = LossScaler()

    /// Takes note of a validation. Scores that are not numbers count as no rise.
    /// - Returns: whether the score is the greatest so far (strictly).
    mutating func record(_ score: Double, options: LoopOptions) -> Bool {
        updatePlateau(score, schedule: options.schedule)
        let isBest = bestScore.map { score > $0 } ?? !score.isNaN
        let rises = bestScore.map { score > $0 + options.minimumRise } ?? !score.isNaN
        validationsSinceRise = rises ? 0 : validationsSinceRise + 1
        if isBest { bestScore = score }
        return isBest
    }

    private mutating func updatePlateau(_ score: Double, schedule: LearningRateSchedule) {
        guard schedule.kind == .plateau else { return }
        if plateauScore.map({ score > $0 + 1e-4 * abs($0) }) ?? !score.isNaN {
            (plateauScore, plateauValidations) = (score, 0)
            return
        }
        plateauValidations += 1
        if plateauValidations > schedule.patience {
            reductions += 1
            plateauValidations = 0
        }
    }
}
