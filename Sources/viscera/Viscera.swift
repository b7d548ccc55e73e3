import ArgumentParser
import Foundation

/// The `viscera` tool.
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
        version: "viscera \(Version.number)",
        subcommands: [
            Segment.self, Evaluate.self, Inspect.self, Convert.self, Export.self, PhantomCommand.self, Pretrain.self, Train.self, Validate.self,
            ChoosePostprocessing.self, DatasetCommand.self, ArchiveCommand.self, Doctor.self, BenchmarkCommand.self,
        ])

    static func main() {
        Interruption.install()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// Says what failed and ends the process with the number that belongs to it. Help, version and usage are the parser's own matter.
    private static func end(with error: any Error) -> Never {
        let status = exitCode(for: error)
        if status == .success || error is ExitCode { exit(withError: error) }
        if status == .validationFailure {
            let text = fullMessage(for: error)
            Console().error(text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text)
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        let failure = ToolFailure(describing: error)
        Console().error(failure.message)
        Foundation.exit(failure.status.rawValue)
    }
}
