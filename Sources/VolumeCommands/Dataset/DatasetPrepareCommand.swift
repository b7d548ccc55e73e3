import ArgumentParser
import CommandSupport
import Datasets
import Foundation

/// `viscera dataset prepare`: a download in the layout that the published splits expect.
struct DatasetPrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare", abstract: "Lay out a downloaded data set as the published splits expect it.",
        discussion: """
            btcv: RawData/Training/img, RawData/Training/label and Testing/img become imagesTr, labelsTr and imagesTs. \
            tcia: the volumes of "CT Images in COVID-19", in whatever folders, become data; DICOM series as the NBIA Data Retriever \
            lays them out are converted. \
            The published splits are written beside them. Nothing is overwritten; run again, it adds what is new.

              viscera dataset prepare btcv Abdomen/ -o BTCV/
              viscera dataset prepare tcia manifest/ -o COVID19/ --method symlink
            """)

    @Argument(help: "The data set: btcv or tcia.")
    var layout: DatasetLayout

    @Argument(help: "The folder of the download.", completion: .directory)
    var source: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to lay out.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(help: "How files get there: hardlink, symlink or copy.")
    var method: PreparationPlan.Method = .hardLink

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let folder = URL(filePath: output, directoryHint: .isDirectory)
        let plan = try layout.plan(URL(filePath: source, directoryHint: .isDirectory))
        try AtomicOutput.makeFolder(folder)
        let lists = layout.splits.map { $0.list(in: folder) }
        for list in lists { try DatasetInput.write(list, replacing: false) }
        let count = plan.placements.count
        let outcome = try plan.execute(in: folder, by: method) { _, position in console.progress("prepare", Double(position) / Double(max(1, count)))
        }
        console.clearProgress()
        for refused in outcome.refused { console.warning("left out: \(refused)") }
        let (placed, present) = (outcome.placed, count - outcome.placed - outcome.refused.count)
        if !plan.ignored.isEmpty { console.warning("\(plan.ignored.count) other volumes were left out: \(examples(plan.ignored))") }
        if !plan.missing.isEmpty {
            console.warning("the published split names \(plan.missing.count) files that the download lacks: \(examples(plan.missing))")
        }
        console.result(
            "\(folder.path)  \(placed) files placed, \(present) were there; \(lists.map(\.url.lastPathComponent).joined(separator: ", "))")
        try console.json(
            Prepared(
                folder: folder.path, placed: placed, present: present, refused: outcome.refused, missing: plan.missing, ignored: plan.ignored,
                lists: lists.map(\.url.path)))
    }

    private func examples(_ names: [String]) -> String { names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " …" : "") }
}

extension DatasetLayout: ExpressibleByArgument {}
extension PreparationPlan.Method: ExpressibleByArgument {}

/// What `dataset prepare --json` writes.
private struct Prepared: Encodable {
    var folder: String
    var placed: Int
    var present: Int
    var refused: [String]
    var missing: [String]
    var ignored: [String]
    var lists: [String]
}
