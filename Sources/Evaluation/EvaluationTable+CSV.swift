import Foundation

extension EvaluationTable {
    /// One line per case and organ (RFC 4180). Undefined numbers are empty, infinite ones `inf`.
    public var csv: String {
        var lines = ["case,label,organ,presence,dice,hd95_mm,surface_dice,reference_ml,predicted_ml,reference_voxels,predicted_voxels,shared_voxels"]
        for evaluation in cases {
            for score in evaluation.scores {
                lines.append(
                    [
                        quoted(evaluation.name), "\(score.label)", quoted(score.name), score.presence.rawValue, field(score.dice),
                        field(score.hausdorff95), field(score.surfaceDice), field(score.referenceVolume), field(score.predictedVolume),
                        "\(score.referenceVoxels)", "\(score.predictedVoxels)", "\(score.sharedVoxels)",
                    ].joined(separator: ","))
            }
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// One line per organ with the distribution over cases, then the means over organs.
    public var summaryCSV: String {
        let figures = ["n", "missed", "mean", "median", "sd", "ci95_lower", "ci95_upper"]
        let scores = ["dice", "hd95_mm", "surface_dice"]
        var lines = [(["organ"] + scores.flatMap { score in figures.map { "\(score)_\($0)" } }).joined(separator: ",")]
        func row(_ name: String, _ summaries: [ScoreSummary?]) {
            lines.append(
                ([quoted(name)] + summaries.flatMap { $0.map(fields) ?? [String](repeating: "", count: figures.count) }).joined(separator: ","))
        }
        for organ in organs { row(organ.name, [organ.dice, organ.hausdorff95, organ.surfaceDice]) }
        row("mean of organs", [meanDice, nil, meanSurfaceDice])
        row("mean of organs and background", [meanDiceWithBackground, nil, nil])
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private func fields(_ summary: ScoreSummary) -> [String] {
        ["\(summary.count)", "\(summary.infiniteCount)"]
            + [summary.mean, summary.median, summary.standardDeviation, summary.lowerBound, summary.upperBound].map(field)
    }
}

/// A number with six significant digits.
private func field(_ value: Double) -> String {
    if value.isNaN { return "" }
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    return String(format: "%.6g", value)
}

/// `text` in quotation marks where a comma, quotation mark or line break asks for them.
private func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
