import CommandSupport
import Evaluation
import Foundation
import Weights

/// A choice of postprocessing as a table for people and for machines.
struct PostprocessingReport: Encodable {
    let model: String
    let datalist: String
    let section: String
    /// The number of cases that were segmented.
    let cases: Int
    let leastGain = LargestComponentChoice.leastGain
    let organs: [LargestComponentChoice]
    /// What the model states from now on.
    let postprocessing: Postprocessing

    /// Fewer cases than these choose by accident.
    private static let fewCases = 5

    init(model: String, datalist: String, section: String, cases: Int, organs: [LargestComponentChoice]) {
        (self.model, self.datalist, self.section, self.cases, self.organs) = (model, datalist, section, cases, organs)
        postprocessing = Postprocessing(
            largestComponents: organs.filter(\.isChosen).map(\.name),
            basis: "chosen on \(cases) case\(cases == 1 ? "" : "s") of \(datalist) (\(section))")
    }

    /// One line per organ, then the means over the organs that occur.
    var text: String {
        var table = TextTable([
            ("Organ", .left), ("Cases", .right), ("Dice", .right), ("of largest", .right), ("better", .right), ("worse", .right), ("Decision", .left),
        ])
        for organ in organs {
            let decision = organ.cases == 0 ? "absent" : organ.isChosen ? "keep the largest" : "leave"
            table.append([
                organ.name, "\(organ.cases)", number(organ.dice), number(organ.largestDice), "\(organ.improved)", "\(organ.worsened)", decision,
            ])
        }
        let present = organs.filter { $0.cases > 0 }
        guard !present.isEmpty else { return table.text }
        func mean(_ value: (LargestComponentChoice) -> Double) -> Double { present.reduce(0) { $0 + value($1) } / Double(present.count) }
        let means = [mean(\.dice), mean(\.largestDice), mean { $0.isChosen ? $0.largestDice : $0.dice }].map(number)
        return table.text
            + "\n\nMean of the \(present.count) organs: \(means[0]) as the network leaves them, \(means[1]) with the largest component of "
            + "every organ, \(means[2]) as chosen (on the cases that chose)"
    }

    /// What speaks against trusting the choice.
    var warning: String? {
        let advice = "a choice on so few is little more than chance: add held-out cases"
        if cases < Self.fewCases { return "only \(cases) case\(cases == 1 ? "" : "s"); \(advice)" }
        let rare = organs.filter { $0.isChosen && $0.cases < Self.fewCases }.map { "\($0.name) (\($0.cases))" }
        return rare.isEmpty ? nil : "chosen on fewer than \(Self.fewCases) cases that hold the organ: \(rare.joined(separator: ", ")); \(advice)"
    }

    private func number(_ value: Double) -> String { value.isNaN ? "–" : String(format: "%.4f", value) }
}
