import Foundation

/// Writes single NIfTI files, compressed when the name ends in `.gz`.
struct NIfTIWriter {
    /// Writes voxels of `type`, axis i fastest and little-endian, placed by `grid`.
    ///
    /// When the grid is the one that `source` was read with, its two affines, codes, spacing and units are written as they were;
    /// otherwise both affines are set to the grid's.
    static func write(_ voxels: Data, type: VoxelType, grid: VoxelGrid, to url: URL, like source: ImageSource?, comment: String = "")
        throws(ImageError)
    {
        var header = source?.nifti ?? NIfTIHeader()
        if source?.nifti == nil || source?.grid != grid { header.place(grid.affine) }
        header.dimensions = [3, grid.shape.x, grid.shape.y, grid.shape.z, 1, 1, 1, 1]
        header.version = header.version == 2 || grid.shape.max() > Int(Int16.max) ? 2 : 1
        header.isPair = false
        header.isBigEndian = false
        header.datatype = NIfTIHeader.datatype(of: type)
        (header.slope, header.intercept, header.intentCode) = (1, 0, 0)
        let extensions = commentExtension(comment)
        header.voxelOffset = header.size + extensions.count
        let prefix = header.encoded + extensions
        guard url.pathExtension.lowercased() == "gz" else { return try AtomicFile.write([prefix, voxels], to: url) }
        do {
            try AtomicFile.write([try Gzip.compress(prefix + voxels)], to: url)
        } catch {
            throw error as? ImageError ?? .unwritable(path: url.path(percentEncoded: false), reason: "there is not enough memory to compress it")
        }
    }

    /// The four bytes that announce extensions, and `text` as a comment (ecode 6), padded so that the voxels start at a multiple of 16.
    private static func commentExtension(_ text: String) -> Data {
        guard !text.isEmpty else { return Data([0, 0, 0, 0]) }
        let body = Array(text.utf8)
        let size = (8 + body.count + 15) / 16 * 16
        var bytes = Data([1, 0, 0, 0])
        for number in [Int32(size), 6] { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        bytes.append(contentsOf: body)
        bytes.append(Data(count: size - 8 - body.count))
        return bytes
    }
}
