import CImageIO
import Foundation

/// Reads NRRD and MetaImage files.
struct ForeignReader {
    let url: URL

    struct Content {
        var grid: VoxelGrid
        var voxels: StoredVoxels
        var warnings: [ImageWarning]
    }

    /// The format of a file by its start, when it is one of these.
    static func format(of file: Data) -> ImageFormat? {
        if file.starts(with: Array("NRRD000".utf8)) { return .nrrd }
        let start = String(decoding: file.prefix(1024), as: UTF8.self)
        return start.contains("NDims") && start.contains("=") && start.prefix(400).contains("ObjectType") || start.hasPrefix("NDims")
            ? .metaImage : nil
    }

    /// - Parameter start: the file, or its beginning.
    func read(_ format: ImageFormat, start: Data) throws(ImageError) -> Content {
        let path = url.path(percentEncoded: false)
        if format == .metaImage {
            do throws(MetaImageHeader.Fault) { try MetaImageHeader(start).checkVoxels(of: url) } catch {
                throw .damaged(path: path, reason: error.reason)
            }
        }
        let file = try ForeignFile(path, format: format == .nrrd ? CIMAGEIO_NRRD : CIMAGEIO_METAIMAGE)
        let volumes = (0..<file.axisCount).dropFirst(3).map { file.size($0) }.reduce(1, *)
        guard volumes == 1 else {
            throw .unsupported(path: path, reason: "it holds \(volumes) volumes (\(file.axisCount) axes), expected one; extract one first")
        }
        guard file.shape.min() > 0 else {
            throw .damaged(path: path, reason: "its header claims \(file.shape) voxels, expected at least 1 along each axis")
        }
        let affine = file.affine
        guard affine.inverse != nil else { throw .damaged(path: path, reason: "its affine cannot be inverted: \(affine.rowMajor)") }
        let warnings =
            file.axisCount > 3 ? [ImageWarning(.choice, "the header declares \(file.axisCount) axes for a single volume: read as 3-D")] : []
        return Content(grid: VoxelGrid(shape: file.shape, affine: affine), voxels: try file.voxels(), warnings: warnings)
    }
}
