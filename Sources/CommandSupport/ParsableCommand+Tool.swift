import ArgumentParser
import Foundation

extension ParsableCommand {
    /// Runs the command that the arguments of the process name, as the tool does: interrupts remove unfinished outputs, and what fails is
    /// said in one message before the process ends with the number that belongs to it.
    package static func runAsTool() {
        Interruption.install()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// Says what failed and ends the process with the number that belongs to it. Help, version and usage are the parser's own matter.
    package static func end(with error: any Error) -> Never {
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
