import ArgumentParser
import CommandSupport
import Foundation
import ModelArchive
import Torch

/// `viscera archive`: model archives (MMAR) in the layout of Clara Train 4.1.
struct ArchiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Make, run and import model archives (MMAR).",
        subcommands: [
            ArchiveCreateCommand.self, ArchiveValidateCommand.self, ArchiveInferCommand.self, ArchiveExportCommand.self, ArchiveImportCommand.self,
        ])
}

/// Which configuration of which archive, and what its variables are; named as Clara Train's programs name them.
struct ArchiveOptions: ParsableArguments {
    @Option(name: [.customShort("m"), .customLong("archive")], help: "The archive's folder.", completion: .directory)
    var archive: String

    @Option(
        name: [.customShort("e"), .customLong("environment")],
        help: ArgumentHelp("The file of variables, relative to the archive.", valueName: "file"), completion: .file(extensions: ["json"]))
    var environment: String = ArchiveLayout.environment

    @Option(
        name: .customLong("set"), parsing: .upToNextOption,
        help: ArgumentHelp("Variables that win over those of the files.", valueName: "name=value"))
    var settings: [String] = []

    /// Reads a configuration and says its variables when it asks for that.
    func read(_ configuration: String, _ console: Console) throws -> ArchiveConfiguration {
        let layout = ArchiveLayout(root: URL(filePath: archive, directoryHint: .isDirectory))
        let settings = try settings.map { try ArchiveVariables.Setting(parsing: $0) }
        let found = try ArchiveConfiguration(layout: layout, configuration: configuration, environment: environment, settings: settings)
        if found.printsVariables { console.note(found.variables.map { "\($0.name) = \($0.value)" }.joined(separator: "\n")) }
        return found
    }
}

extension ArchiveConfiguration {
    /// The device that the options ask for; a configuration with use_gpu=False keeps to the CPU unless one is named.
    func device(_ choice: DeviceChoice) throws -> Device { choice == .automatic && !usesGPU ? .cpu : try choice.resolve() }
}
