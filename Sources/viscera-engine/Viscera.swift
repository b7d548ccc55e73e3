import ArgumentParser
import CommandSupport
import VolumeCommands

/// All of the `viscera` tool, LibTorch included; `viscera` starts it for what it cannot do itself.
@main struct Viscera: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "viscera",
        abstract: "Segment the organs of the abdomen in CT.",
        discussion: """
            Thirteen organs, with volumes, intensities and pictures; on CPU or GPU, without Python and without network access.

            Research use only: not a medical device, not for diagnosis or treatment.

            Exit codes: 0 success, 64 usage, 65 damaged or refused data, 66 missing or unreadable input, 69 missing device, 70 internal \
            error, 73 output cannot be created, 74 input/output error, 75 not enough memory.
            """,
        version: Version.text,
        subcommands: [InspectProgram.self],
        groupedSubcommands: [
            CommandGroup(name: "Model", subcommands: [Segment.self, Validate.self, ChoosePostprocessing.self, Export.self]),
            CommandGroup(name: "Learning", subcommands: [Pretrain.self, Train.self, ArchiveCommand.self]),
            CommandGroup(name: "Data", subcommands: VolumeCommand.all + [Convert.self]),
            CommandGroup(name: "Machine", subcommands: [Doctor.self, BenchmarkCommand.self]),
        ])

    static func main() { runAsTool() }
}
