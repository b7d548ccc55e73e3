import MedicalImaging

/// How well the organs of one case were found.
public struct CaseEvaluation: Sendable, Equatable {
    /// The name of the case.
    public var name: String
    /// One score per label, in ascending order of labels.
    public var scores: [OrganScore]
    /// The Dice of background.
    public var backgroundDice: Double
    /// Labels that neither background nor the settings explain, with their voxels in reference and prediction together.
    public var unknownLabels: [UInt8: Int]

    /// Compares `prediction` with `reference`.
    ///
    /// Throws `EvaluationError.gridMismatch` when the two do not lie on the same grid, and `.invalidTolerance`.
    public init(name: String, prediction: LabelMap, reference: LabelMap, settings: EvaluationSettings = EvaluationSettings()) throws(EvaluationError)
    {
        try settings.validate()
        try reference.grid.requireMatch(prediction.grid)
        let overlap = LabelOverlap(reference: reference, prediction: prediction)
        self.name = name
        scores = settings.labels.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { label, name in
            Self.score(label, name, overlap: overlap, prediction: prediction, reference: reference, settings: settings)
        }
        backgroundDice = overlap.dice(0)
        unknownLabels = [:]
        for label in UInt8(1)...255 where settings.labels[label] == nil {
            let count = overlap.reference[Int(label)] + overlap.prediction[Int(label)]
            if count > 0 { unknownLabels[label] = count }
        }
    }

    init(name: String, scores: [OrganScore], backgroundDice: Double, unknownLabels: [UInt8: Int]) {
        (self.name, self.scores, self.backgroundDice, self.unknownLabels) = (name, scores, backgroundDice, unknownLabels)
    }

    private static func score(
        _ label: UInt8, _ name: String, overlap: LabelOverlap, prediction: LabelMap, reference: LabelMap, settings: EvaluationSettings
    ) -> OrganScore {
        let index = Int(label)
        var score = OrganScore(
            label: label, name: name, referenceVoxels: overlap.reference[index], predictedVoxels: overlap.prediction[index],
            sharedVoxels: overlap.shared[index], voxelVolume: reference.grid.voxelVolume / 1000, dice: overlap.dice(index), hausdorff95: .nan,
            surfaceDice: .nan)
        guard settings.measuresSurfaces else { return score }
        switch score.presence {
        case .both:
            let distances = SurfaceDistances(of: label, reference: reference, prediction: prediction, box: overlap.boxes[index])
            score.hausdorff95 = distances.hausdorff(percentile: 95)
            score.surfaceDice = distances.surfaceDice(tolerance: settings.surfaceToleranceByLabel[label] ?? settings.surfaceTolerance)
        case .referenceOnly:
            score.hausdorff95 = .infinity
            score.surfaceDice = 0
        case .predictionOnly, .neither: break
        }
        return score
    }

    /// The mean Dice of the organs that the reference holds, background left out; NaN when it holds none.
    public var meanDice: Double { mean(scores.map(\.dice)) }

    /// The mean Dice of those organs and background together. Do not compare it with `meanDice`: background is nearly always close to 1.
    public var meanDiceWithBackground: Double { mean(scores.map(\.dice) + [backgroundDice]) }

    /// The mean surface Dice of the organs that the reference holds.
    public var meanSurfaceDice: Double { mean(scores.map(\.surfaceDice)) }
}

/// The mean of the values that are not NaN; NaN when there is none.
func mean(_ values: [Double]) -> Double {
    let defined = values.filter { !$0.isNaN }
    return defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count)
}
