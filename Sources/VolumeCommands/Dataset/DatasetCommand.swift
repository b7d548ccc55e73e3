import ArgumentParser
import CommandSupport
import Datasets
import Foundation

/// `viscera dataset`: lists of images and labels, and what they name.
struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset", abstract: "Prepare, split and check data sets.",
        subcommands: [DatasetPrepareCommand.self, DatasetSplitCommand.self, DatasetCheckCommand.self])
}

extension PatientKey: ExpressibleByArgument {
    /// A regular expression.
    public init?(argument: String) {
        guard let key = try? PatientKey(pattern: argument) else { return nil }
        self = key
    }

    public var defaultValueDescription: String { "names of TCIA's COVID-19 volumes and of BTCV; else every file is a patient" }
}

/// The list that a command works on.
enum DatasetInput {
    /// The list in a JSON file, or what a folder holds.
    static func list(_ path: String) throws -> DatalistFile {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw ToolFailure(.noInput, "'\(path)' does not exist") }
        return isFolder.boolValue
            ? try VolumeFolder.list(URL(filePath: path, directoryHint: .isDirectory)) : try DatalistFile(contentsOf: URL(filePath: path))
    }

    /// Writes a list unless a file is there already; the same content may be.
    /// - Returns: whether the file was written.
    @discardableResult static func write(_ list: DatalistFile, replacing: Bool) throws -> Bool {
        if !replacing, FileManager.default.fileExists(atPath: list.url.path) {
            guard let there = try? DatalistFile(contentsOf: list.url), there.contentHash == list.contentHash else {
                throw ToolFailure(.cannotCreate, "'\(list.url.path)' is there already with other content; move it away, or give --force")
            }
            return false
        }
        try AtomicOutput.write(Data(list.text.utf8), to: list.url)
        return true
    }
}
