import Foundation

extension SegmentationReport {
    private var hasScores: Bool { structures.contains { $0.score != nil } }

    /// The organ table.
    var structureTable: String {
        guard !structures.isEmpty else { return "" }
        let found = structures.filter { $0.volume > 0 }.count
        return """
            <section>
            <h2>Organs <small>\(found) of \(structures.count) found</small></h2>
            <div class="scroll">
            <table>
            <thead><tr>\(headings.joined())</tr></thead>
            <tbody>
            \(structures.map(row).joined(separator: "\n"))
            </tbody>
            \(summary)
            </table>
            </div>
            <p class="note">\(note)</p>
            </section>
            """
    }

    private var headings: [String] {
        var names = [
            "<th scope=\"col\">Organ</th>", "<th scope=\"col\" colspan=\"2\" class=\"n\">Volume <small>mL</small></th>",
            "<th scope=\"col\" class=\"n\">Intensity <small>HU, mean ± sd</small></th>",
        ]
        if hasScores {
            let tolerance = surfaceTolerance.map { " <small>at \(HTML.number($0, decimals: $0 == $0.rounded() ? 0 : 1)) mm</small>" } ?? ""
            names += [
                "<th scope=\"col\" class=\"n\">Reference <small>mL</small></th>", "<th scope=\"col\" class=\"n\">Dice</th>",
                "<th scope=\"col\" class=\"n\">HD95 <small>mm</small></th>", "<th scope=\"col\" class=\"n\">Surface Dice\(tolerance)</th>",
            ]
        }
        return names
    }

    private func row(_ structure: StructureSummary) -> String {
        let largest = structures.map(\.volume).max() ?? 0
        let share = largest > 0 ? 100 * (structure.volume / largest).squareRoot() : 0
        let flag = structure.isTruncated ? " <span class=\"flag\" title=\"touches the border of the scan\">cut off</span>" : ""
        var cells = [
            "<th scope=\"row\"><i class=\"chip c\(structure.label)\"></i>\(HTML.escape(structure.name))\(flag)</th>",
            "<td class=\"bar\" aria-hidden=\"true\"><i class=\"c\(structure.label)\" style=\"width:\(String(format: "%.1f", share))%\"></i></td>",
        ]
        if structure.volume > 0 {
            let prefix = structure.isTruncated ? "≥ " : ""
            let deviation = structure.intensityDeviation.map { " ± \(HTML.number($0, decimals: 0))" } ?? ""
            cells.append("<td class=\"n\">\(prefix)\(HTML.volume(structure.volume))</td>")
            cells.append("<td class=\"n\">\(HTML.number(structure.meanIntensity, decimals: 0))\(deviation)</td>")
        } else {
            cells.append("<td class=\"n absent\" colspan=\"2\">not found</td>")
        }
        if hasScores {
            let score = structure.score
            cells.append("<td class=\"n\">\(score.map { $0.referenceVolume > 0 ? HTML.volume($0.referenceVolume) : "absent" } ?? "–")</td>")
            cells.append("<td class=\"n strong\">\(HTML.number(score?.dice, decimals: 3))</td>")
            let isMissed = structure.volume == 0 && (score?.referenceVolume ?? 0) > 0
            cells.append("<td class=\"n\">\(isMissed ? "missed" : HTML.number(score?.hausdorff95, decimals: 1))</td>")
            cells.append("<td class=\"n\">\(HTML.number(score?.surfaceDice, decimals: 3))</td>")
        }
        return "<tr>\(cells.joined())</tr>"
    }

    /// The means over the structures for which a score is defined.
    private var summary: String {
        guard hasScores else { return "" }
        func mean(_ path: KeyPath<StructureScore, Double?>) -> Double? {
            let values = structures.compactMap { $0.score?[keyPath: path] }.filter(\.isFinite)
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let scored = structures.filter { $0.score?.dice != nil }.count
        return """
            <tfoot><tr><th scope="row" colspan="5">Mean of \(scored) scored \(scored == 1 ? "organ" : "organs")</th>\
            <td class="n strong">\(HTML.number(mean(\.dice), decimals: 3))</td><td class="n">\(HTML.number(mean(\.hausdorff95), decimals: 1))</td>\
            <td class="n">\(HTML.number(mean(\.surfaceDice), decimals: 3))</td></tr></tfoot>
            """
    }

    private var note: String {
        var sentences = ["Bars grow with the square root of the volume."]
        if structures.contains(where: \.isTruncated) {
            sentences.append("Organs marked <span class=\"flag\">cut off</span> touch the border of the scan: their volume is a lower bound.")
        }
        if hasScores {
            sentences.append(
                "Missed organs count 0 in the means of Dice and surface Dice, and not at all in that of HD95; a dash is a score that is not defined.")
        }
        return sentences.joined(separator: " ")
    }
}
