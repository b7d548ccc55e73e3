/// Why an image could not be read or written. Every message says what was expected, what was found and what to do.
public enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file or folder is missing, empty, or the system refuses to read it.
    case unreadable(path: String, reason: String)
    /// The content is none of the formats that can be read.
    case unknownFormat(path: String, found: String)
    /// The file starts as its format asks but contradicts itself or ends early.
    case damaged(path: String, reason: String)
    /// The file is sound but holds something that cannot be a CT volume here (colour, complex, several time points …).
    case unsupported(path: String, reason: String)
    /// The volume does not fit into the memory that is available.
    case tooLarge(path: String, bytes: Int, memory: Int)
    /// A voxel of a label map is no integer from 0 to 255.
    case notALabel(path: String, value: Double, voxel: SIMD3<Int>)
    /// A folder's DICOM files do not make one volume.
    case series(path: String, reason: String)
    /// The file could not be written.
    case unwritable(path: String, reason: String)

    /// The file or folder in question.
    public var path: String {
        switch self {
        case .unreadable(let path, _), .unknownFormat(let path, _), .damaged(let path, _), .unsupported(let path, _), .tooLarge(let path, _, _),
            .notALabel(let path, _, _), .series(let path, _), .unwritable(let path, _):
            path
        }
    }

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unknownFormat(let path, let found):
            "\(path) is no image that can be read: expected NIfTI, NRRD, MetaImage or DICOM, found \(found)"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .unsupported(let path, let reason): "\(path) cannot be used: \(reason)"
        case .tooLarge(let path, let bytes, let memory):
            "\(path) needs \(bytes >> 20) MB in memory and \(memory >> 20) MB are available: crop or resample it first, or end other programs"
        case .notALabel(let path, let value, let voxel):
            "\(path) is no label map: voxel (\(voxel.x), \(voxel.y), \(voxel.z)) holds \(value), expected an integer from 0 to 255"
        case .series(let path, let reason): "\(path) holds no usable DICOM series: \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
