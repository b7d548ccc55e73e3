import Foundation

extension RunReport {
    /// The best validation, or the last when none has an organ mean.
    private var shown: RunValidation? {
        (record.bestValidation ?? record.validations.last).flatMap { $0.classes.count > 1 && !$0.cases.isEmpty ? $0 : nil }
    }

    /// The organ table of the best validation, under the two means.
    var organs: String {
        guard let shown else { return "" }
        let hasIntervals = shown.intervals.contains { $0 != nil }
        let level = shown.intervals.lazy.compactMap { $0 }.first.map { "<small>\(HTML.number($0.level * 100, decimals: 0)) %</small>" } ?? ""
        let count = "\(shown.cases.count) \(shown.cases.count == 1 ? "case" : "cases")"
        let grid = shown.grid.map { ", on the \(HTML.escape($0)) grid" } ?? ""
        return """
            <section>
            <h2>Organs <small>best validation, step \(HTML.count(shown.step)), \(count)\(grid)</small></h2>
            \(means(shown))
            <div class="scroll">
            <table>
            <thead><tr><th scope="col">Organ</th><th scope="col" colspan="2" class="n">Mean Dice</th>\
            \(hasIntervals ? "<th scope=\"col\" class=\"n\">Interval \(level)</th>" : "")<th scope="col" class="n">Cases</th>\
            <th scope="col" class="n">Worst</th><th scope="col">in case</th></tr></thead>
            <tbody>
            \((1..<shown.classes.count).map { row($0, of: shown, hasIntervals: hasIntervals) }.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            <p class="note">Bars run from Dice 0 to 1. Cases whose reference lacks an organ do not count for it; a dash is a score that is not defined.</p>
            </section>
            """
    }

    private func means(_ shown: RunValidation) -> String {
        let count = shown.classes.count - 1
        let interval = shown.organMeanInterval.map { " · \(text($0)) (\(HTML.number($0.level * 100, decimals: 0)) %)" } ?? ""
        return """
            <div class="means"><div><span><em>Mean of \(count) organs</em>, background left out\(interval)</span>\
            <b>\(HTML.number(shown.organMean, decimals: 4))</b></div>\
            <div class="second"><span><em>Mean of \(count + 1) classes</em>, background counted; never compare the two</span>\
            <b>\(HTML.number(shown.classMean, decimals: 4))</b></div></div>
            """
    }

    private func row(_ label: Int, of shown: RunValidation, hasIntervals: Bool) -> String {
        let scores = shown.scores(ofClass: label)
        let mean = shown.dice(ofClass: label)
        let worst = scores.min { $0.dice < $1.dice }
        let width = String(format: "%.1f", 100 * min(max(mean ?? 0, 0), 1))
        var cells = [
            "<th scope=\"row\"><i class=\"chip c\(label)\"></i>\(HTML.escape(shown.classes[label]))</th>",
            "<td class=\"bar\" aria-hidden=\"true\"><i class=\"c\(label)\" style=\"width:\(width)%\"></i></td>",
            "<td class=\"n strong\">\(HTML.number(mean, decimals: 3))</td>",
        ]
        if hasIntervals {
            let interval = shown.intervals.indices.contains(label) ? shown.intervals[label] : nil
            cells.append("<td class=\"n\">\(interval.map(text) ?? "–")</td>")
        }
        cells.append("<td class=\"n\">\(scores.count)</td>")
        cells.append("<td class=\"n\">\(HTML.number(worst?.dice, decimals: 3))</td><td>\(HTML.escape(worst?.name ?? "–"))</td>")
        return "<tr>\(cells.joined())</tr>"
    }

    private func text(_ interval: ConfidenceInterval) -> String {
        "\(HTML.number(interval.lower, decimals: 3)) to \(HTML.number(interval.upper, decimals: 3))"
    }

    /// The cases of the best validation, worst first, at most twenty.
    var cases: String {
        guard let shown, shown.cases.count > 1 else { return "" }
        let ordered = shown.cases.sorted { ($0.organMean ?? 2) < ($1.organMean ?? 2) }
        let rows = ordered.prefix(20).map { row($0, classes: shown.classes) }
        let left = ordered.count - rows.count
        return """
            <section>
            <h2>Cases <small>same validation, worst first\(left > 0 ? "; the \(left) best are left out" : "")</small></h2>
            <div class="scroll">
            <table>
            <thead><tr><th scope="col">Case</th><th scope="col" class="n">Mean of organs</th><th scope="col">Worst organ</th>\
            <th scope="col" class="n">Dice</th><th scope="col">Missed entirely</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>
            """
    }

    private func row(_ scored: CaseDice, classes: [String]) -> String {
        let organs = zip(classes, scored.dice).dropFirst().compactMap { name, dice in dice.map { (name: name, dice: $0) } }
        let worst = organs.min { $0.dice < $1.dice }
        let missed = organs.filter { $0.dice == 0 }.map(\.name)
        return """
            <tr><th scope="row">\(HTML.escape(scored.name))</th><td class="n strong">\(HTML.number(scored.organMean, decimals: 3))</td>\
            <td>\(HTML.escape(worst?.name ?? "–"))</td><td class="n">\(HTML.number(worst?.dice, decimals: 3))</td>\
            <td>\(HTML.escape(missed.isEmpty ? "–" : missed.joined(separator: ", ")))</td></tr>
            """
    }
}
