/// What the tool tells the shell when it ends; the numbers of `sysexits.h`.
package enum ExitStatus: Int32, Sendable {
    /// All went well.
    case success = 0
    /// The command line could not be understood.
    case usage = 64
    /// An input is damaged, of the wrong kind, or refused.
    case badData = 65
    /// An input does not exist, cannot be read, or a folder holds nothing to work on.
    case noInput = 66
    /// The tool is at fault.
    case internalError = 70
    /// An output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed halfway, for example on a full disk.
    case inputOutput = 74
    /// Memory, or the budget given for it, does not suffice.
    case outOfMemory = 75
    /// A requested device or feature is not there.
    case unavailable = 69

    /// The more serious of two outcomes of a run over many files: the first that is not success.
    package func combined(with other: ExitStatus) -> ExitStatus { self == .success ? other : self }
}
