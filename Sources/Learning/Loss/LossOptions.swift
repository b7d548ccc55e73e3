/// The choices of soft Dice plus cross entropy, named after those of MONAI 1.6 `DiceCELoss`. The defaults are the published ones.
public struct LossOptions: Codable, Sendable, Equatable {
    /// Whether background takes part in the Dice mean (`include_background`).
    public var includesBackground = true
    /// Whether the denominator sums squares (`squared_pred`).
    public var squaresPrediction = false
    /// Jaccard's ratio instead of Dice's (`jaccard`).
    public var usesJaccard = false
    /// Added to the numerator (`smooth_nr`).
    public var numeratorSmoothing = 1e-5
    /// Added to the denominator (`smooth_dr`).
    public var denominatorSmoothing = 1e-5
    /// Whether sums run over the whole batch instead of each sample (`batch`).
    public var sumsOverBatch = false
    /// One weight per class, of its Dice term and of its voxels in the cross entropy (`weight`); `nil`: all alike.
    public var classWeights: [Double]?
    /// Weight of the Dice term (`lambda_dice`).
    public var diceWeight = 1.0
    /// Weight of the cross entropy (`lambda_ce`).
    public var crossEntropyWeight = 1.0
    /// The share of each cross entropy target that is spread over all classes (`label_smoothing`).
    public var labelSmoothing = 0.0
    /// Voxels of this label count for nothing in either term (MONAI has no such choice here); `nil`: all count.
    public var ignoredLabel: UInt8?

    public init() {}

    /// Whether the fused pass computes this loss.
    var isFused: Bool {
        includesBackground && !squaresPrediction && !usesJaccard && numeratorSmoothing == denominatorSmoothing && !sumsOverBatch
            && labelSmoothing == 0
    }

    /// Whether the loss of a batch with every class drawn is the mean of the losses of its samples.
    var isMeanOfSamples: Bool { !sumsOverBatch && classWeights == nil && ignoredLabel == nil }

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate(channels: Int, path: String = "loss") throws(LearningError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(LearningError) {
            if !holds { throw .configuration(keyPath: "\(path).\(key)", reason: "expected \(expected), found \(found)") }
        }
        for (key, value) in [
            ("numeratorSmoothing", numeratorSmoothing), ("denominatorSmoothing", denominatorSmoothing), ("diceWeight", diceWeight),
            ("crossEntropyWeight", crossEntropyWeight),
        ] {
            try require(value >= 0 && value.isFinite, key, "at least 0", value)
        }
        try require(diceWeight + crossEntropyWeight > 0, "diceWeight", "one of both weights above 0", diceWeight)
        try require((0..<1).contains(labelSmoothing), "labelSmoothing", "a share 0 ≤ share < 1", labelSmoothing)
        if let classWeights {
            try require(classWeights.count == channels, "classWeights", "one weight per class, \(channels)", classWeights.count)
            try require(classWeights.allSatisfy { $0 >= 0 && $0.isFinite }, "classWeights", "weights of at least 0", classWeights)
            try require(classWeights.contains { $0 > 0 }, "classWeights", "some weight above 0", classWeights)
        }
    }
}
