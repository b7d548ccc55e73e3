import Foundation

/// What can be wrong with a data set; every message says what was expected, what was found and what to do.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A datalist that cannot be used: the file, the key path inside it and the reason.
    case datalist(file: String, keyPath: String, reason: String)
    /// A file name that does not tell its patient.
    case patient(name: String, reason: String)
    /// A split that cannot be made.
    case split(reason: String)
    /// A folder that does not have the layout expected.
    case layout(folder: String, reason: String)
    /// A file that cannot be put in its place.
    case placement(file: String, reason: String)

    public var description: String {
        switch self {
        case .datalist(let file, let keyPath, let reason): "datalist \(file)\(keyPath.isEmpty ? "" : ", \(keyPath)"): \(reason)"
        case .patient(let name, let reason): "patient of \(name): \(reason)"
        case .split(let reason): "split: \(reason)"
        case .layout(let folder, let reason): "folder \(folder): \(reason)"
        case .placement(let file, let reason): "\(file): \(reason)"
        }
    }
}
