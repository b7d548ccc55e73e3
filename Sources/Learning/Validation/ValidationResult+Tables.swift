import Evaluation

extension ValidationResult {
    /// The result of scored cases.
    /// - Parameters:
    ///   - tables: per space; the first decides the score, the mean over cases of the mean Dice over organs without background.
    ///   - organCount: the classes without background; they are part of the figures' names.
    public init(_ tables: [Table], organCount: Int) {
        let figures = tables.flatMap { entry in
            [
                NamedFigure("\(entry.space.rawValue).meanDice\(organCount)Organs", entry.table.meanDice.mean),
                NamedFigure("\(entry.space.rawValue).meanDice\(organCount + 1)ClassesWithBackground", entry.table.meanDiceWithBackground.mean),
            ]
        }
        self.init(score: tables.first?.table.meanDice.mean ?? .nan, figures: figures, tables: tables)
    }

    /// The mean over cases of the *running* mean of the per-case mean over all classes with background: the figure of the published
    /// fine-tuning script, in which early cases count more (specification §3.6). For comparison with published numbers alone.
    public static func runningMeanDice(_ table: EvaluationTable) -> Double {
        var sum = 0.0
        var means: [Double] = []
        for value in table.cases.map(\.meanDiceWithBackground) where !value.isNaN {
            sum += value
            means.append(sum / Double(means.count + 1))
        }
        return means.isEmpty ? .nan : means.reduce(0, +) / Double(means.count)
    }
}
