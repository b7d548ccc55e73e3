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

    private var path: String { url.path(percentEncoded: false) }

    /// - Parameter file: the whole file at `url`.
    func read(_ format: ImageFormat, from file: Data) throws(ImageError) -> Content {
        format == .nrrd ? try readNRRD(file) : try readMetaImage(file)
    }

    private func readMetaImage(_ bytes: Data) throws(ImageError) -> Content {
        try checked { () throws(MetaImageHeader.Fault) in try MetaImageHeader(bytes).checkVoxels(of: url) }
        let file = try ForeignFile(path, format: CIMAGEIO_METAIMAGE)
        let (grid, warnings) = try grid(of: file)
        return Content(grid: grid, voxels: try file.voxels(), warnings: warnings)
    }

    private func readNRRD(_ bytes: Data) throws(ImageError) -> Content {
        let header = try checked { () throws(NRRDHeader.Fault) in
            let header = try NRRDHeader(bytes)
            try header.checkFiles(of: url)
            return header
        }
        guard header.encoding != "bzip2" else {
            throw .unsupported(path: path, reason: "its voxels are packed by bzip2, expected raw, gzip, ascii or hex; save it again as one of these")
        }
        let file = try ForeignFile(path, format: CIMAGEIO_NRRD)
        var (grid, warnings) = try grid(of: file)
        let (type, length) = try file.announced()
        try checked { () throws(NRRDHeader.Fault) in
            if let affine = try header.leftAnteriorSuperiorAffine() { grid.affine = affine }
            try header.checkVoxels(of: url, size: bytes.count, announced: length, voxelSize: type.size)
        }
        warnings += header.warnings
        try AvailableMemory.require(AvailableMemory.needed(forVoxels: length / type.size, storedIn: type), for: path)
        guard let (unpacked, offset) = try unpacked(bytes, header, length) else {
            return Content(grid: grid, voxels: try file.voxels(), warnings: warnings)
        }
        let voxels = StoredVoxels(
            bytes: unpacked, offset: offset, count: length / type.size, type: type, isSwapped: header.fields["endian"]?.lowercased() == "big")
        return Content(grid: grid, voxels: voxels, warnings: warnings)
    }

    private func unpacked(_ bytes: Data, _ header: NRRDHeader, _ length: Int) throws(ImageError) -> (bytes: Data, offset: Int)? {
        do { return try header.unpacked(bytes, of: url, announced: length) } catch {
            switch error {
            case let fault as NRRDHeader.Fault: throw .damaged(path: path, reason: fault.reason)
            case Gzip.Failure.tooLong(let limit): throw .tooLarge(path: path, bytes: limit, memory: AvailableMemory.bytes)
            default: throw error as? ImageError ?? .tooLarge(path: path, bytes: length, memory: AvailableMemory.bytes)
            }
        }
    }

    /// What `body` gives; a fault of the header becomes an error of this file.
    private func checked<Result>(_ body: () throws(MetaImageHeader.Fault) -> Result) throws(ImageError) -> Result {
        do throws(MetaImageHeader.Fault) { return try body() } catch { throw .damaged(path: path, reason: error.reason) }
    }

    /// Where the voxels lie, as ITK reads it.
    private func grid(of file: ForeignFile) throws(ImageError) -> (VoxelGrid, [ImageWarning]) {
        let volumes = (0..<file.axisCount).dropFirst(3).map { file.size($0) }.reduce(1, *)
        guard volumes == 1 else {
            throw .unsupported(path: path, reason: "it holds \(volumes) volumes (\(file.axisCount) axes), expected one; extract one first")
        }
        guard file.shape.min() > 0 else {
            throw .damaged(path: path, reason: "its header claims \(file.shape) voxels, expected at least 1 along each axis")
        }
        let affine = file.affine
        guard affine.isFinite, affine.inverse != nil else { throw .damaged(path: path, reason: affine.fault) }
        let warnings =
            file.axisCount > 3 ? [ImageWarning(.choice, "the header declares \(file.axisCount) axes for a single volume: read as 3-D")] : []
        return (VoxelGrid(shape: file.shape, affine: affine), warnings)
    }
}
