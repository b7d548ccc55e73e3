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

    /// What is wrong with the header of a MetaImage file, or `nil`. MetaIO takes headers on trust and ends the process on lines that are too
    /// long for it, and on voxels taken for lines.
    static func faultOfMetaImage(_ file: Data) -> String? {
        for line in file.prefix(1 << 16).split(separator: UInt8(ascii: "\n"), maxSplits: 1000, omittingEmptySubsequences: true) {
            guard line.count < 1000, line.allSatisfy({ $0 >= 32 && $0 < 127 || $0 == 9 || $0 == 13 }) else {
                return "its header ends without ElementDataFile, or has a line that is no text"
            }
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
                String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            }
            guard parts.count == 2, parts[0].count < 200 else { return "a line of its header is no \"key = value\": \(parts.first ?? "")" }
            if parts[0] == "NDims", !(1...10).contains(Int(parts[1].trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) {
                return "its header claims \(parts[1]) axes, expected 3"
            }
            if parts[0] == "ElementDataFile" { return nil }
        }
        return "its header ends without ElementDataFile"
    }

    /// - Parameter start: the file, or its beginning.
    func read(_ format: ImageFormat, start: Data) throws(ImageError) -> Content {
        let path = url.path(percentEncoded: false)
        if format == .metaImage, let fault = Self.faultOfMetaImage(start) { throw .damaged(path: path, reason: fault) }
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
