import ArgumentParser
import CommandSupport
import VolumeCommands

/// The `viscera` tool: commands that need no tensors run here and start at once, all others in the engine.
@main struct Viscera: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "viscera", version: Version.text, subcommands: VolumeCommand.all)

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isOwn = arguments == ["--version"] || VolumeCommand.all.contains { $0.configuration.commandName == arguments.first }
        guard !isOwn else { return runAsTool() }
        do { try Engine.takeOver(arguments) } catch { end(with: error) }
    }
}
