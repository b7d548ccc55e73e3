/// The scores of several cases.
public struct EvaluationTable: Sendable, Equatable {
    /// One entry per case.
    public var cases: [CaseEvaluation]

    public init(cases: [CaseEvaluation]) { self.cases = cases }

    /// The scores of one organ over all cases.
    public struct OrganSummary: Sendable, Equatable, Encodable {
        public var label: UInt8
        public var name: String
        public var dice: ScoreSummary
        /// In mm; missed organs are counted apart, as infinite.
        public var hausdorff95: ScoreSummary
        public var surfaceDice: ScoreSummary
        /// Cases whose reference lacks the organ and whose prediction has it.
        public var predictedWithoutReference: Int
    }

    /// One summary per organ, in ascending order of labels.
    public var organs: [OrganSummary] {
        var names: [UInt8: String] = [:]
        for score in cases.flatMap(\.scores) { names[score.label] = score.name }
        return names.sorted { $0.key < $1.key }.map { label, name in
            let scores = cases.flatMap { $0.scores.filter { $0.label == label } }
            return OrganSummary(
                label: label, name: name, dice: ScoreSummary(scores.map(\.dice)), hausdorff95: ScoreSummary(scores.map(\.hausdorff95)),
                surfaceDice: ScoreSummary(scores.map(\.surfaceDice)), predictedWithoutReference: scores.count { $0.presence == .predictionOnly })
        }
    }

    /// The mean Dice over organs, background left out, of each case. This is the headline number.
    public var meanDice: ScoreSummary { ScoreSummary(cases.map(\.meanDice)) }

    /// The mean Dice over organs and background, of each case.
    public var meanDiceWithBackground: ScoreSummary { ScoreSummary(cases.map(\.meanDiceWithBackground)) }

    /// The mean surface Dice over organs, of each case.
    public var meanSurfaceDice: ScoreSummary { ScoreSummary(cases.map(\.meanSurfaceDice)) }
}
