import Evaluation
import Reporting

extension RunValidation {
    /// The scores of a validation, with the intervals that the table's bootstrap gives.
    /// - Parameter step: the steps done.
    init(step: Int, table: EvaluationTable, figures: [String: Double] = [:]) {
        let organs = table.organs
        let cases = table.cases.map { found in
            let scores = Dictionary(found.scores.map { ($0.label, $0.dice) }) { first, _ in first }
            return CaseDice(name: found.name, dice: [found.backgroundDice] + organs.map { scores[$0.label] })
        }
        self.init(
            step: step, classes: ["background"] + organs.map(\.name), cases: cases,
            intervals: [nil] + organs.map { ConfidenceInterval(of: $0.dice) }, organMeanInterval: ConfidenceInterval(of: table.meanDice),
            figures: figures)
    }
}

extension ConfidenceInterval {
    /// The 95 % interval of a summary; `nil` where too few values gave none.
    fileprivate init?(of summary: ScoreSummary) {
        guard summary.lowerBound.isFinite, summary.upperBound.isFinite else { return nil }
        self.init(lower: summary.lowerBound, upper: summary.upperBound)
    }
}
