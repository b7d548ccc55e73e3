/// What can be wrong with a model archive; every message says what was expected, what was found and what to do.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A value of a configuration that cannot be used: the file, the key path inside it and the reason.
    case configuration(file: String, keyPath: String, reason: String)
    /// A folder that is no model archive, or lacks something.
    case layout(folder: String, reason: String)
    /// Something is in the way of a new archive.
    case occupied(path: String)
    /// A packed archive that is damaged or dishonest.
    case packed(file: String, reason: String)
    /// A file that cannot be written.
    case unwritable(path: String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let file, let keyPath, let reason): "configuration \(file)\(keyPath.isEmpty ? "" : ", \(keyPath)"): \(reason)"
        case .layout(let folder, let reason): "model archive \(folder): \(reason)"
        case .occupied(let path): "'\(path)' exists already; choose another folder, nothing is overwritten"
        case .packed(let file, let reason): "packed model archive \(file): \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
