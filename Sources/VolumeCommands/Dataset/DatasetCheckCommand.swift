import ArgumentParser
import CommandSupport
import Datasets
import Foundation

/// `viscera dataset check`: what is wrong with a data set, before a training finds out.
struct DatasetCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look at every file of a data set for what would stop or spoil a training.",
        discussion: """
            Opens every image and label map, one case at a time: whether they share a grid, which labels occur, intensities, voxels that are \
            no numbers, files with the same content, patients in several sections, and the memory that training will take. Problems are listed with file, \
            place in the list and remedy; any of them that is no mere warning makes the exit status 65.
            """)

    @Argument(help: "A datalist (JSON), or a folder of volumes.", completion: .file())
    var input: String

    @Option(name: .customLong("section"), help: "A section to check; repeat for several. Without it all.")
    var sections: [String] = []

    @Option(help: ArgumentHelp("The folder that relative paths start from; without it the list's.", valueName: "folder"), completion: .directory)
    var base: String?

    @Option(help: ArgumentHelp("A regular expression on file names whose first group is the patient.", valueName: "regex"))
    var patientKey: PatientKey = .standard

    @Flag(help: "Accept patients that are in several sections.")
    var allowSharedPatients = false

    @Option(help: ArgumentHelp("A label that training ignores ('ignoredLabel' in its configuration), which any map may hold.", valueName: "label"))
    var ignoredLabel: UInt8?

    @Option(help: "The spacing of the cache to estimate in mm, one number or three (X,Y,Z).")
    var cacheSpacing: SpacingOption = SpacingOption(millimetres: SIMD3(1.5, 1.5, 2))

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        var options = Datasets.DatasetCheck.Options()
        if !sections.isEmpty { options.sections = sections }
        options.base = base.map { URL(filePath: $0, directoryHint: .isDirectory) }
        options.patientKey = patientKey
        options.ignoredLabel = ignoredLabel
        options.allowsSharedPatients = allowSharedPatients
        options.cacheSpacing = [0, 1, 2].map { cacheSpacing.millimetres[$0] }
        let check = try Datasets.DatasetCheck(DatasetInput.list(input), options: options)
        let count = check.caseCount
        let report = try check.run { _, position in console.progress("check", Double(position) / Double(max(1, count))) }
        console.clearProgress()
        console.result(DatasetText.text(report))
        try console.json(report)
        for problem in report.problems where problem.severity == .warning { console.warning(problem.description) }
        let errors = report.errors
        guard !errors.isEmpty else { return }
        let lines = errors.map { "\n  \($0)" }.joined()
        throw ToolFailure(.badData, "\(errors.count) \(errors.count == 1 ? "problem" : "problems") in \(report.file):\(lines)")
    }
}

/// A report on a data set as text.
enum DatasetText {
    static func text(_ report: DatasetReport) -> String {
        var parts = [cases(report).text]
        if !report.labels.isEmpty { parts.append(labels(report).text) }
        parts.append(facts(report).joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    private static func cases(_ report: DatasetReport) -> TextTable {
        var table = TextTable([
            ("Item", .left), ("Image", .left), ("Voxels", .right), ("mm", .right), ("Axes", .left), ("HU 0.5…99.5 %", .right), ("Labels", .right),
        ])
        for found in report.cases {
            table.append([
                "\(found.section)[\(found.index)]", found.image, found.shapeText,
                found.spacing.map { String(format: "%.2f", $0) }.joined(separator: " × "),
                found.orientation, found.percentiles.count == 5 ? "\(found.percentiles[0])…\(found.percentiles[4])" : "–",
                found.labelVoxels == nil ? "–" : ranges(found.labels),
            ])
        }
        return table
    }

    private static func labels(_ report: DatasetReport) -> TextTable {
        var table = TextTable([("Label", .right), ("Name", .left), ("Cases", .right), ("Voxels", .right)])
        for label in report.labels { table.append(["\(label.label)", label.name ?? "", "\(label.cases)", "\(label.voxels)"]) }
        return table
    }

    private static func facts(_ report: DatasetReport) -> [String] {
        var lines = report.sections.map { "\($0.name): \($0.items) items, \($0.patients) patients" }
        if let percentiles = report.intensities?.percentiles, percentiles.count == 5 {
            lines.append("HU at 0.5, 5, 50, 95, 99.5 %: " + percentiles.map(String.init).joined(separator: ", "))
        }
        let memory = report.memory
        let spacing = memory.cacheSpacing.map { String(format: "%g", $0) }.joined(separator: " × ")
        lines.append("memory of viscera train for the volumes: \(size(memory.training))")
        lines.append("cache at \(spacing) mm: \(size(memory.cache))")
        lines.append("largest volume while read: \(size(memory.largestVolume))")
        return lines
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1_000_000_000 ? String(format: "%.2f GB", Double(bytes) / 1e9) : String(format: "%.1f MB", Double(bytes) / 1e6)
    }

    /// `1–6, 8`.
    static func ranges(_ labels: [UInt8]) -> String {
        var runs: [ClosedRange<UInt8>] = []
        for label in labels {
            if let last = runs.last, Int(last.upperBound) + 1 == Int(label) {
                runs[runs.count - 1] = last.lowerBound...label
            } else {
                runs.append(label...label)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")
    }
}
