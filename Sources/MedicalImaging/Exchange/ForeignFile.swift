import CImageIO
import Foundation

/// A file of a format that ITK reads, with its header at hand.
final class ForeignFile {
    private let reference: CImageIOFileRef
    let path: String

    /// - Throws: ``ImageError/damaged(path:reason:)`` with what ITK says.
    init(_ path: String, format: CImageIOFormat) throws(ImageError) {
        guard let reference = cimageio_open(path, format) else { throw .damaged(path: path, reason: Self.message) }
        self.reference = reference
        self.path = path
    }

    deinit { cimageio_close(reference) }

    /// What went wrong last on this thread, in one line.
    private static var message: String {
        String(cString: cimageio_last_error()).split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
    }

    var axisCount: Int { Int(cimageio_axis_count(reference)) }
    func size(_ axis: Int) -> Int { Int(cimageio_size(reference, Int32(axis))) }
    /// The lengths of the first three axes.
    var shape: SIMD3<Int> { SIMD3(size(0), size(1), size(2)) }
    var componentCount: Int { Int(cimageio_component_count(reference)) }

    /// The affine that ITK tells, in RAS+.
    var affine: Affine {
        let columns = (0..<3).map { axis in
            let spacing = cimageio_spacing(reference, Int32(axis))
            return Self.flipped(SIMD3((0..<3).map { cimageio_direction(reference, Int32(axis), Int32($0)) * spacing }))
        }
        let origin = Self.flipped(SIMD3((0..<3).map { cimageio_origin(reference, Int32($0)) }))
        return Affine(columns: columns[0], columns[1], columns[2], translation: origin)
    }

    /// A point or direction in RAS+ from one in LPS+, or the other way round; never −0.
    static func flipped(_ point: SIMD3<Double>) -> SIMD3<Double> { SIMD3(0 - point.x, 0 - point.y, point.z + 0) }

    /// How a voxel is stored, after the file's rescale; `nil` for what cannot be used.
    var voxelType: VoxelType? {
        switch cimageio_scalar(reference) {
        case CIMAGEIO_UINT8: .uint8
        case CIMAGEIO_INT8: .int8
        case CIMAGEIO_UINT16: .uint16
        case CIMAGEIO_INT16: .int16
        case CIMAGEIO_UINT32: .uint32
        case CIMAGEIO_INT32: .int32
        case CIMAGEIO_UINT64: .uint64
        case CIMAGEIO_INT64: .int64
        case CIMAGEIO_FLOAT32: .float32
        case CIMAGEIO_FLOAT64: .float64
        default: nil
        }
    }

    /// A field of the header, without the spaces around it; `nil` when absent or empty.
    func text(_ key: String) -> String? {
        guard let text = cimageio_text(reference, key) else { return nil }
        let trimmed = String(cString: text).trimmingCharacters(in: .whitespacesAndNewlines.union(CharacterSet(charactersIn: "\0")))
        return trimmed.isEmpty ? nil : trimmed
    }

    /// The type of the voxels and how many bytes they take, as the header says.
    func announced() throws(ImageError) -> (type: VoxelType, length: Int) {
        guard let type = voxelType, componentCount == 1 else {
            throw .unsupported(path: path, reason: "it has \(componentCount) values per voxel, expected a single real number (a grey image)")
        }
        let length = Int(cimageio_byte_count(reference))
        guard length > 0 else { throw .damaged(path: path, reason: "its header claims no voxels, or more than can be counted") }
        return (type, length)
    }

    /// All voxels as stored.
    func voxels() throws(ImageError) -> StoredVoxels {
        let (type, length) = try announced()
        try AvailableMemory.require(AvailableMemory.needed(forVoxels: length / type.size, storedIn: type), for: path)
        guard let buffer = malloc(length) else { throw .tooLarge(path: path, bytes: length, memory: AvailableMemory.bytes) }
        guard cimageio_read(reference, buffer, Int64(length)) else {
            free(buffer)
            throw .damaged(path: path, reason: Self.message)
        }
        let bytes = Data(bytesNoCopy: buffer, count: length, deallocator: .free)
        return StoredVoxels(bytes: bytes, offset: 0, count: length / type.size, type: type, isSwapped: false)
    }
}
