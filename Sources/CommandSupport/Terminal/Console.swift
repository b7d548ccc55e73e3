import Foundation
import Synchronization

/// Everything the tool says. Results go to standard output; messages, warnings and progress to standard error. With `--json`
/// standard output carries one JSON document and nothing else; with `--quiet` only errors and results are written.
package final class Console: Sendable {
    package let isQuiet: Bool
    package let isJSON: Bool
    /// Whether standard error is a terminal that understands control sequences.
    package let isTerminal: Bool
    private let hasColor: Bool
    private let progress: Mutex<ProgressState>

    package init(isQuiet: Bool = false, isJSON: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        self.isQuiet = isQuiet
        self.isJSON = isJSON
        isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        hasColor = isTerminal && environment["NO_COLOR", default: ""].isEmpty
        progress = Mutex(ProgressState())
    }

    /// Text for people, on standard output: the result of the command. Left out when the result is JSON.
    package func result(_ text: String) {
        guard !isJSON else { return }
        clearProgress()
        write(text + "\n", to: .standardOutput)
    }

    /// The result of the command for machines, on standard output; written with `--json` only.
    package func json(_ value: some Encodable) throws {
        guard isJSON else { return }
        clearProgress()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n", to: .standardOutput)
    }

    /// A message on standard error.
    package func note(_ text: String) {
        guard !isQuiet else { return }
        clearProgress()
        write(text + "\n", to: .standardError)
    }

    /// Something the reader should know before trusting the result.
    package func warning(_ text: String) { note("\(painted("warning:", "33")) \(text)") }

    /// A failure; always written, on one line as long as the message has one.
    package func error(_ text: String) {
        clearProgress()
        write("\(painted("viscera: error:", "31;1")) \(text)\n", to: .standardError)
    }

    /// Shows how far a stage has come.
    ///
    /// A terminal gets a bar with the time left, redrawn at most ten times a second. Anything else gets a line for a stage that lasts
    /// longer than five seconds, then at most one every ten seconds.
    /// - Parameter fraction: in 0...1, or `nil` when it is not known.
    package func progress(_ stage: String, _ fraction: Double? = nil) {
        guard !isQuiet else { return }
        let line = progress.withLock { $0.advance(stage: stage, fraction: fraction, isTerminal: isTerminal, width: terminalWidth) }
        guard let line else { return }
        write(isTerminal ? "\r\u{1B}[2K\(line)" : line + "\n", to: .standardError)
    }

    /// Shows the state of a long job: a terminal has `line` redrawn in place, anything else gets `plain` as a line of its own, at most one
    /// every ten seconds.
    package func status(_ line: String, plain: String) {
        guard !isQuiet, progress.withLock({ $0.isDue(isTerminal: isTerminal) }) else { return }
        write(isTerminal ? "\r\u{1B}[2K\(line)" : plain + "\n", to: .standardError)
    }

    /// Takes the progress bar off the terminal.
    package func clearProgress() {
        let wasVisible = progress.withLock { $0.hide() }
        if wasVisible, isTerminal { write("\r\u{1B}[2K", to: .standardError) }
    }

    /// `text` in bold where the terminal has colours; for headings of results.
    package func bold(_ text: String) -> String { isatty(STDOUT_FILENO) == 1 && hasColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func painted(_ text: String, _ style: String) -> String { hasColor ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text }

    /// Columns of the terminal behind standard error; 80 when it does not say.
    package var terminalWidth: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Written as one piece; a closed pipe is no reason to fail.
    private func write(_ text: String, to handle: FileHandle) { try? handle.write(contentsOf: Data(text.utf8)) }
}
