/// The scores of one validation.
public struct RunValidation: Sendable, Equatable, Codable {
    /// The number of finished steps.
    public var step: Int
    /// On which voxels the scores were measured, such as `resampled` or `original`; scores on different ones must not be compared.
    public var grid: String?
    /// The names of the classes in label order, background first; empty when no organs were scored.
    public var classes: [String]
    /// The scores of each case.
    public var cases: [CaseDice]
    /// An interval for the mean Dice of each class, in the order of `classes`; `nil` where none was computed.
    public var intervals: [ConfidenceInterval?]
    /// An interval for the organ mean.
    public var organMeanInterval: ConfidenceInterval?
    /// Whatever else was measured, such as a reconstruction error.
    public var figures: [String: Double]

    public init(
        step: Int, grid: String? = nil, classes: [String] = [], cases: [CaseDice] = [], intervals: [ConfidenceInterval?] = [],
        organMeanInterval: ConfidenceInterval? = nil, figures: [String: Double] = [:]
    ) {
        self.step = step
        self.grid = grid
        self.classes = classes
        self.cases = cases
        self.intervals = intervals
        self.organMeanInterval = organMeanInterval
        self.figures = figures
    }

    /// The mean Dice without the background: over the organs that a case has, then over cases (as MONAI's `DiceMetric` reduces with `mean`).
    public var organMean: Double? { mean(of: cases.compactMap(\.organMean)) }

    /// The mean Dice with the background counted as one more class, averaged in the same order; `nil` when no case has a background score.
    public var classMean: Double? {
        mean(of: cases.compactMap { $0.dice.first.flatMap { $0 } == nil ? nil : mean(of: $0.dice.compactMap { $0 }) })
    }

    /// The mean Dice of a class over the cases that have one.
    public func dice(ofClass label: Int) -> Double? { mean(of: scores(ofClass: label).map(\.dice)) }

    /// The cases in which a class is scored, with its Dice, in the order of `cases`.
    func scores(ofClass label: Int) -> [(name: String, dice: Double)] {
        cases.compactMap { scored in scored.dice.indices.contains(label) ? scored.dice[label].map { (scored.name, $0) } : nil }
    }
}

/// The Dice scores of one case.
public struct CaseDice: Sendable, Equatable, Codable {
    public var name: String
    /// One score per class in label order, background first; `nil` where the class is absent from the reference.
    public var dice: [Double?]

    public init(name: String, dice: [Double?]) {
        self.name = name
        self.dice = dice.map { $0.flatMap { $0.isFinite ? $0 : nil } }
    }

    /// The mean over the organs that the case has.
    public var organMean: Double? { mean(of: dice.dropFirst().compactMap { $0 }) }
}

/// Two bounds of an estimate, and how sure they are.
public struct ConfidenceInterval: Sendable, Equatable, Codable {
    public var lower: Double
    public var upper: Double
    /// The probability that it covers, such as 0.95.
    public var level: Double

    public init(lower: Double, upper: Double, level: Double = 0.95) {
        self.lower = lower
        self.upper = upper
        self.level = level
    }
}

/// The arithmetic mean; `nil` of nothing.
func mean(of values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
