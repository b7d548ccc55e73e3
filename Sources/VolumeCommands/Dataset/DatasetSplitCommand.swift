import ArgumentParser
import CommandSupport
import Datasets
import Foundation

/// `viscera dataset split`: lists in which no patient is on two sides.
struct DatasetSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Split a data set by patient, or write a published split.",
        discussion: """
            INPUT is a datalist or a folder of volumes. Its sections training and validation are pooled and split anew; test and everything \
            else in the list stay. The same seed gives the same split, in whatever order the cases are listed.

              viscera dataset split data/ -o dataset.json --shares training=0.8,validation=0.2
              viscera dataset split dataset.json -o folds/dataset.json --folds 5
              viscera dataset split --published btcv -o BTCV/
            """)

    @Argument(help: "A datalist (JSON), or a folder of volumes.", completion: .file())
    var input: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The list to write; folds get a number before the ending. With --published a folder.", valueName: "out"))
    var output: String

    @Option(help: ArgumentHelp("Sections and their shares.", valueName: "name=share,…"))
    var shares: ShareList = ShareList(shares: [.init(name: "training", share: 0.8), .init(name: "validation", share: 0.2)])

    @Option(help: "Write this many lists for cross-validation instead.")
    var folds: Int?

    @Option(help: "What decides, together with the patients, who goes where.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "A regular expression on file names whose first group is the patient; without it the names of TCIA's COVID-19 volumes and of BTCV are known, and any other file is a patient of its own.",
            valueName: "regex"))
    var patientKey: PatientKey = .standard

    @Option(help: "A published split instead: tcia, btcv, btcv-6 or btcv-12.")
    var published: PublishedSplit?

    @Flag(help: "Replace lists that are there already.")
    var force = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if published == nil, input == nil { throw ValidationError("give a datalist or a folder to split, or --published.") }
        if published != nil, input != nil || folds != nil { throw ValidationError("--published takes neither an input nor --folds.") }
    }

    func run() throws {
        let console = messages.console
        if let published {
            let folder = URL(filePath: output, directoryHint: .isDirectory)
            try AtomicOutput.makeFolder(folder)
            return try write([published.list(in: folder)], console)
        }
        let list = try DatasetInput.list(input ?? "")
        let target = URL(filePath: output)
        let pooled = try ["training", "validation"].filter(list.sections.contains).flatMap { name in
            try list.section(name).rebased(to: target.deletingLastPathComponent()).items
        }
        guard !pooled.isEmpty else {
            throw ToolFailure(
                .badData, "'\(list.url.path)' has neither training nor validation; found the sections \(list.sections.joined(separator: ", "))")
        }
        let split = try PatientSplit(pooled, key: patientKey, seed: seed)
        try AtomicOutput.makeFolder(target.deletingLastPathComponent())
        let lists: [DatalistFile]
        if let folds {
            let parts = try split.folds(folds)
            lists = try parts.indices.map { fold in
                let training = parts.enumerated().filter { $0.offset != fold }.flatMap(\.element).sorted { $0.image < $1.image }
                return try rewritten(list, to: numbered(target, fold), [("training", training), ("validation", parts[fold])])
            }
        } else {
            lists = [try rewritten(list, to: target, try split.sections(shares.shares.map { ($0.name, $0.share) }))]
        }
        console.note("\(pooled.count) cases of \(split.patientCount) patients")
        try write(lists, console)
    }

    /// `dataset.json` → `dataset_fold2.json`.
    private func numbered(_ url: URL, _ fold: Int) -> URL {
        let name = url.deletingPathExtension().lastPathComponent
        return url.deletingLastPathComponent().appending(path: "\(name)_fold\(fold).\(url.pathExtension.isEmpty ? "json" : url.pathExtension)")
    }

    /// The list at another place with other sections; what it says beside them stays.
    private func rewritten(_ list: DatalistFile, to url: URL, _ sections: [(name: String, items: [DatalistItem])]) throws -> DatalistFile {
        var result = try list.moved(to: url)
        for name in ["training", "validation"] where !sections.contains(where: { $0.name == name }) { result.removeSection(name) }
        for (name, items) in sections { result.setSection(name, items) }
        return result
    }

    private func write(_ lists: [DatalistFile], _ console: Console) throws {
        var written: [WrittenList] = []
        for list in lists {
            let isNew = try DatasetInput.write(list, replacing: force)
            let counts = try list.sections.map { WrittenList.Section(name: $0, items: try list.section($0).items.count) }
            console.result("\(list.url.path)  " + counts.map { "\($0.name) \($0.items)" }.joined(separator: ", ") + (isNew ? "" : "  (unchanged)"))
            written.append(WrittenList(file: list.url.path, sections: counts, sha256: list.contentHash))
        }
        try console.json(written)
    }
}

extension PublishedSplit: ExpressibleByArgument {}

/// Sections and their shares: `training=0.8,validation=0.2`.
struct ShareList: ExpressibleByArgument, Sendable {
    struct Share: Sendable {
        var name: String
        var share: Double
    }

    var shares: [Share]

    init(shares: [Share]) { self.shares = shares }

    init?(argument: String) {
        let parts = argument.split(separator: ",").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
        shares = parts.compactMap { part in
            guard part.count == 2, !part[0].isEmpty, let share = Double(part[1]), share > 0, share.isFinite else { return nil }
            return Share(name: String(part[0]), share: share)
        }
        guard !shares.isEmpty, shares.count == parts.count else { return nil }
    }

    var defaultValueDescription: String { shares.map { "\($0.name)=\($0.share)" }.joined(separator: ",") }
}

/// What `dataset split --json` writes for each list.
private struct WrittenList: Encodable {
    struct Section: Encodable {
        var name: String
        var items: Int
    }

    var file: String
    var sections: [Section]
    /// Of the content, whatever its white space and order of members.
    var sha256: String
}
