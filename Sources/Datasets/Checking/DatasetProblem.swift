/// Something about a data set that stops a training or spoils it.
public struct DatasetProblem: Sendable, Equatable, Codable {
    /// How bad it is.
    public enum Severity: String, Sendable, Codable {
        /// Training would stop or learn something wrong.
        case error
        /// Worth a look.
        case warning
    }

    /// What kind of problem it is.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case unreadable, grid, labelValue, notFinite, duplicate, sharedPatient, intensity, geometry, datalist
    }

    public var severity: Severity
    public var kind: Kind
    /// Where the datalist names the file, such as `training[3].label`.
    public var keyPath: String
    /// The file, as the list names it.
    public var file: String
    /// What was expected and what was found.
    public var message: String
    /// What to do.
    public var remedy: String

    public init(_ severity: Severity, _ kind: Kind, keyPath: String, file: String, message: String, remedy: String) {
        self.severity = severity
        self.kind = kind
        self.keyPath = keyPath
        self.file = file
        self.message = message
        self.remedy = remedy
    }
}

extension DatasetProblem: CustomStringConvertible {
    /// One line: where, what, what to do.
    public var description: String { "\(keyPath) \(file): \(message); \(remedy)" }
}
