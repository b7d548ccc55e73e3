/// What stops a report or a log from being written or read.
public enum ReportingError: Error, Equatable, CustomStringConvertible {
    /// The file at `path` cannot be created or appended to.
    case unwritable(path: String, reason: String)
    /// The log at `path` cannot be read.
    case unreadable(path: String, reason: String)
    /// A line of the log, counted from 1, is not one that this program writes.
    case damagedLog(path: String, line: Int, reason: String)
    /// The configuration to show is not a JSON object.
    case configuration(reason: String)
    /// Something was reported before the run had started.
    case notStarted

    public var description: String {
        switch self {
        case .unwritable(let path, let reason): "cannot write '\(path)': \(reason)"
        case .unreadable(let path, let reason): "cannot read '\(path)': \(reason)"
        case .damagedLog(let path, let line, let reason):
            "line \(line) of '\(path)': expected one JSON object with the event of a run, found \(reason); repair the line or move the file away"
        case .configuration(let reason): "expected the configuration as a JSON object, found \(reason)"
        case .notStarted: "expected the start of the run as its first event, found another; report the start first"
        }
    }
}
