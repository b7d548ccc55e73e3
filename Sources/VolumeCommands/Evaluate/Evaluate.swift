import ArgumentParser
import CommandSupport
import Evaluation
import Foundation
import MedicalImaging
import Preprocessing

/// `viscera evaluate`: how well label maps agree with reference labels.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Compare label maps with reference labels.",
        discussion: """
            Two files, or two folders whose files are paired by name. Per organ and case: Dice, the 95th percentile of the surface distance \
            (HD95, mm) and the normalised surface Dice (NSD). Organs that the reference lacks are left out of the means; organs that only \
            the reference holds score 0 (HD95 infinite, counted as missed).
            """)

    @Argument(help: "A label map, or a folder of label maps.", completion: .file())
    var prediction: String

    @Argument(help: "The reference label map, or the folder of references.", completion: .file())
    var reference: String

    @Option(help: "The tolerance of the surface Dice in mm.")
    var tolerance: Double = 2

    @Flag(help: "Measure Dice only, which is much faster.")
    var diceOnly = false

    @Option(help: ArgumentHelp("Also write a table with one line per case and organ.", valueName: "file"), completion: .file(extensions: ["csv"]))
    var csv: String?

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if !(tolerance >= 0 && tolerance.isFinite) { throw ValidationError("--tolerance must be at least 0 mm, not \(tolerance).") }
    }

    func run() throws {
        let console = messages.console
        let pairs = try LabelPair.find(prediction: URL(filePath: prediction), reference: URL(filePath: reference))
        let settings = EvaluationSettings(surfaceTolerance: tolerance, measuresSurfaces: !diceOnly)
        var cases: [CaseEvaluation] = []
        var failures: [(name: String, failure: ToolFailure)] = []
        for (position, pair) in pairs.enumerated() {
            console.progress("evaluate", Double(position) / Double(pairs.count))
            do {
                cases.append(try pair.evaluation(settings))
            } catch {
                failures.append((pair.name, ToolFailure(describing: error)))
            }
        }
        console.clearProgress()
        let table = EvaluationTable(cases: cases)
        if !cases.isEmpty { console.result(EvaluationText.text(table, hasSurfaces: !diceOnly, tolerance: tolerance)) }
        for evaluation in cases where !evaluation.unknownLabels.isEmpty {
            let labels = evaluation.unknownLabels.keys.sorted().map(String.init).joined(separator: ", ")
            console.warning("\(evaluation.name): labels without a name were left out: \(labels)")
        }
        if let csv, !cases.isEmpty { try AtomicOutput.write(Data(table.csv.utf8), to: URL(filePath: csv)) }
        if !cases.isEmpty { try console.json(table) }
        try fail(failures, of: pairs.count)
    }

    private func fail(_ failures: [(name: String, failure: ToolFailure)], of count: Int) throws {
        guard let first = failures.first else { return }
        guard count > 1 else { throw first.failure }
        let list = failures.map { "\n  \($0.name): \($0.failure.message)" }.joined()
        throw ToolFailure(first.failure.status, "\(failures.count) of \(count) cases failed:\(list)")
    }
}

/// A prediction and its reference.
struct LabelPair: Sendable {
    var name: String
    var prediction: URL
    var reference: URL

    /// The pairs of two files or of two folders.
    /// - Throws: `ToolFailure` when a path is missing, one is a file and the other a folder, or a prediction has no reference.
    static func find(prediction: URL, reference: URL) throws -> [LabelPair] {
        let kinds = try [prediction, reference].map(isFolder)
        if !kinds[0], !kinds[1] {
            let name = VolumeFormat.parse(prediction.lastPathComponent)?.stem ?? prediction.lastPathComponent
            return [LabelPair(name: name, prediction: prediction, reference: reference)]
        }
        guard kinds[0], kinds[1] else { throw ToolFailure(.usage, "expected two files or two folders, found one of each") }
        let predictions = try volumes(in: prediction)
        let references = try volumes(in: reference)
        guard !predictions.isEmpty else {
            throw ToolFailure(.noInput, "the folder '\(prediction.path)' holds no label maps: expected files ending in \(VolumeFormat.listed)")
        }
        return try predictions.sorted { $0.key < $1.key }.map { name, url in
            guard let known = references[name] else {
                throw ToolFailure(.noInput, "'\(url.lastPathComponent)' has no reference of the same name in '\(reference.path)'")
            }
            return LabelPair(name: name, prediction: url, reference: known)
        }
    }

    /// The scores of the pair.
    func evaluation(_ settings: EvaluationSettings) throws -> CaseEvaluation {
        let predicted = try ImageFile.readLabels(prediction).labels
        let known = try ImageFile.readLabels(reference).labels.reordered(like: predicted.grid)
        return try CaseEvaluation(name: name, prediction: predicted, reference: known, settings: settings)
    }

    private static func isFolder(_ url: URL) throws -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "'\(url.path)' does not exist")
        }
        return isFolder.boolValue
    }

    private static func volumes(in folder: URL) throws -> [String: URL] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
        let pairs = names.compactMap { name in VolumeFormat.parse(name).map { ($0.stem, folder.appending(path: name)) } }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// An evaluation as text.
enum EvaluationText {
    /// One case organ by organ; several cases as means over them.
    static func text(_ table: EvaluationTable, hasSurfaces: Bool, tolerance: Double) -> String {
        table.cases.count == 1 ? single(table.cases[0], hasSurfaces: hasSurfaces) : many(table, hasSurfaces: hasSurfaces)
    }

    private static func single(_ evaluation: CaseEvaluation, hasSurfaces: Bool) -> String {
        var columns: [(String, TextTable.Alignment)] = [("Organ", .left), ("Dice", .right)]
        if hasSurfaces { columns += [("HD95 mm", .right), ("NSD", .right)] }
        var table = TextTable(columns + [("mL", .right), ("Reference mL", .right)])
        for score in evaluation.scores {
            var cells = [score.name, number(score.dice, 3)]
            if hasSurfaces { cells += [number(score.hausdorff95, 1), number(score.surfaceDice, 3)] }
            table.append(cells + [number(score.predictedVolume, 1), score.referenceVoxels > 0 ? number(score.referenceVolume, 1) : "absent"])
        }
        var mean = ["mean", number(evaluation.meanDice, 3)]
        if hasSurfaces { mean += ["", number(evaluation.meanSurfaceDice, 3)] }
        table.append(mean + ["", ""])
        return table.text
    }

    private static func many(_ evaluation: EvaluationTable, hasSurfaces: Bool) -> String {
        var columns: [(String, TextTable.Alignment)] = [("Organ", .left), ("Dice", .right), ("± sd", .right), ("95 % CI", .right)]
        if hasSurfaces { columns += [("HD95 mm", .right), ("NSD", .right)] }
        var table = TextTable(columns + [("Cases", .right), ("Missed", .right)])
        for organ in evaluation.organs {
            var cells = [organ.name] + dice(organ.dice)
            if hasSurfaces { cells += [number(organ.hausdorff95.mean, 1), number(organ.surfaceDice.mean, 3)] }
            table.append(cells + ["\(organ.dice.count)", hasSurfaces ? "\(organ.hausdorff95.infiniteCount)" : "–"])
        }
        var mean = ["mean"] + dice(evaluation.meanDice)
        if hasSurfaces { mean += ["", number(evaluation.meanSurfaceDice.mean, 3)] }
        table.append(mean + ["\(evaluation.meanDice.count)", ""])
        return table.text
    }

    private static func dice(_ summary: ScoreSummary) -> [String] {
        let interval = summary.lowerBound.isNaN ? "–" : "\(number(summary.lowerBound, 3))–\(number(summary.upperBound, 3))"
        return [number(summary.mean, 3), number(summary.standardDeviation, 3), interval]
    }

    private static func number(_ value: Double, _ decimals: Int) -> String {
        value.isNaN ? "–" : value.isInfinite ? "missed" : String(format: "%.\(decimals)f", value)
    }
}
