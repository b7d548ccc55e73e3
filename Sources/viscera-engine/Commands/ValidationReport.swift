import CommandSupport
import Evaluation
import Foundation
import Learning
import VolumeCommands
import Weights

/// A validation as a table for people and as files.
struct ValidationReport: Encodable {
    let result: ValidationResult
    let options: ValidationOptions
    /// What was done to the label maps on the files' own grid.
    let postprocessing: Postprocessing?
    let model: String
    let datalist: String
    let section: String
    /// Whether the running-mean figure is wanted.
    let compat: Bool

    private enum CodingKeys: String, CodingKey { case model, datalist, section, options, postprocessing, figures, tables, compat }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(model, forKey: .model)
        try values.encode(datalist, forKey: .datalist)
        try values.encode(section, forKey: .section)
        try values.encode(options, forKey: .options)
        try values.encodeIfPresent(postprocessing, forKey: .postprocessing)
        let finite = result.figures.filter(\.value.isFinite)
        try values.encode(Dictionary(uniqueKeysWithValues: finite.map { ($0.name, $0.value) }), forKey: .figures)
        try values.encode(Dictionary(uniqueKeysWithValues: result.tables.map { ($0.space.rawValue, $0.table) }), forKey: .tables)
        if compat { try values.encode(Dictionary(uniqueKeysWithValues: runningMeans.map { ($0.space.rawValue, $0.mean) }), forKey: .compat) }
    }

    private var runningMeans: [(space: EvaluationSpace, mean: Double)] {
        result.tables.map { ($0.space, ValidationResult.runningMeanDice($0.table)) }
    }

    /// One line per organ, the grids side by side, then the means.
    var text: String {
        var columns: [(String, TextTable.Alignment)] = [("Dice", .left)]
        for entry in result.tables { columns += [("\(entry.space.rawValue) grid", .right), ("95 % CI", .right)] }
        var table = TextTable(columns + [("Cases", .right)])
        let organs = result.tables.first?.table.organs ?? []
        for (index, organ) in organs.enumerated() {
            table.append([organ.name] + result.tables.flatMap { cells($0.table.organs[index].dice) } + ["\(organ.dice.count)"])
        }
        let count = result.tables.first?.table.cases.count ?? 0
        table.append(
            ["mean of \(organs.count) organs, background excluded"] + result.tables.flatMap { cells($0.table.meanDice) } + ["\(count)"])
        table.append(
            ["mean of \(organs.count + 1) classes, background included"] + result.tables.flatMap { cells($0.table.meanDiceWithBackground) }
                + ["\(count)"])
        if compat {
            table.append(
                ["compat: running mean of \(organs.count + 1) classes"] + runningMeans.flatMap { [number($0.mean), ""] } + ["\(count)"])
        }
        guard let postprocessing else { return table.text }
        return table.text + "\n\nThe original grid after the model's postprocessing: \(postprocessing.text)"
    }

    private func cells(_ summary: ScoreSummary) -> [String] {
        [number(summary.mean), summary.lowerBound.isNaN ? "–" : "\(number(summary.lowerBound))–\(number(summary.upperBound))"]
    }

    private func number(_ value: Double) -> String { value.isNaN ? "–" : String(format: "%.3f", value) }

    /// Writes the JSON document and the CSV tables.
    func write(to folder: URL) throws {
        try AtomicOutput.makeFolder(folder)
        for entry in result.tables {
            let name = entry.space.rawValue
            try AtomicOutput.write(Data(entry.table.csv.utf8), to: folder.appending(path: "cases-\(name).csv"))
            try AtomicOutput.write(Data(entry.table.summaryCSV.utf8), to: folder.appending(path: "organs-\(name).csv"))
        }
        try AtomicOutput.write(ConfigurationFile.text(self), to: folder.appending(path: "validation.json"))
    }
}
