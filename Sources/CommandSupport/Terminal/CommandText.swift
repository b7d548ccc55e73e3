/// The command that the tool was started with, as reports repeat it.
package enum CommandText {
    /// The arguments as a shell would need them.
    package static var current: String { CommandLine.arguments.map(quoted).joined(separator: " ") }

    private static func quoted(_ argument: String) -> String {
        let isPlain = !argument.isEmpty && argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0) }
        return isPlain ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}
