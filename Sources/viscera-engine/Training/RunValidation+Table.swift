import Evaluation
import Learning
import Reporting

extension RunValidation {
    /// The scores of a validation: of the table that decides, with the intervals of its bootstrap, and the figures that it does not hold.
    init(_ summary: ValidationSummary) {
        let result = summary.result
        let figures = Dictionary(result.figures.map { ($0.name, $0.value) }) { first, _ in first }
        guard let first = result.tables.first else {
            self.init(step: summary.step, figures: figures)
            return
        }
        let prefix = "\(first.space.rawValue)."
        self.init(
            step: summary.step, grid: first.space.rawValue, table: first.table, figures: figures.filter { !$0.key.hasPrefix(prefix) })
    }

    private init(step: Int, grid: String, table: EvaluationTable, figures: [String: Double]) {
        let organs = table.organs
        let cases = table.cases.map { found in
            let scores = Dictionary(found.scores.map { ($0.label, $0.dice) }) { first, _ in first }
            return CaseDice(name: found.name, dice: [found.backgroundDice] + organs.map { scores[$0.label] })
        }
        self.init(
            step: step, grid: grid, classes: ["background"] + organs.map(\.name), cases: cases,
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
