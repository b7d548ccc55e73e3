import Foundation

/// Reads NIfTI-1 and -2 files: single or in pairs, compressed or not, in either byte order.
struct NIfTIReader {
    /// The file as the user named it.
    let url: URL
    private var path: String { url.path(percentEncoded: false) }

    /// What a file holds, before its voxels are converted.
    struct Content {
        var header: NIfTIHeader
        var grid: VoxelGrid
        var voxels: StoredVoxels
        var warnings: [ImageWarning]
    }

    /// The longest header with the announcement of extensions, plus what a compressed block may hold back.
    private static let probeLength = 160 << 10

    /// Whether the content of a file is NIfTI, judging by its start.
    static func recognises(_ file: Data) -> Bool {
        let start = Gzip.isGzip(file) ? (try? Gzip.prefix(of: file, length: probeLength).content) ?? Data() : file
        do {
            _ = try NIfTIHeader(decoding: start)
            return true
        } catch {
            return error != .notNIfTI
        }
    }

    /// - Parameter file: the content of the file at `url`; it is taken over, so that compressed bytes can be let go early.
    func read(_ file: consuming Data) throws(ImageError) -> Content {
        let start = try prefix(of: file)
        let header = try decodeHeader(start)
        let (shape, layout) = try layout(of: header)
        var warnings = layout.warnings
        if header.isPair {
            file = try AtomicFile.read(try voxelFile())
        }
        try checkLength(of: file, needed: layout.end)
        try AvailableMemory.require(AvailableMemory.needed(forVoxels: layout.count, storedIn: layout.type), for: path)
        let bytes = try unpack(file, length: layout.end)
        let (affine, found) = try geometry(of: header)
        warnings += found
        let voxels = StoredVoxels(
            bytes: bytes, offset: layout.start, count: layout.count, type: layout.type, isSwapped: header.isBigEndian,
            rescale: try rescale(of: header))
        return Content(header: header, grid: VoxelGrid(shape: shape, affine: affine), voxels: voxels, warnings: warnings)
    }

    private func prefix(of file: Data) throws(ImageError) -> Data {
        guard Gzip.isGzip(file) else { return file.prefix(1024) }
        guard let (content, isDamaged) = try? Gzip.prefix(of: file, length: Self.probeLength), !isDamaged else {
            throw .damaged(path: path, reason: "its gzip data are cut short or altered; copy the file again")
        }
        return content
    }

    private func decodeHeader(_ start: Data) throws(ImageError) -> NIfTIHeader {
        do { return try NIfTIHeader(decoding: start) } catch {
            switch error {
            case .notNIfTI: throw .unknownFormat(path: path, found: "no NIfTI header; if it is compressed, its gzip data may be cut short")
            case .analyze:
                throw .unsupported(
                    path: path, reason: "it is an ANALYZE 7.5 image, which tells neither left from right nor HU; convert it to NIfTI from its origin")
            case .badMagic(let magic):
                throw .damaged(path: path, reason: "its magic string is \"\(magic)\", expected \"n+1\", \"ni1\", \"n+2\" or \"ni2\"")
            case .tooShort(let found, let expected):
                throw .damaged(path: path, reason: "its header has \(found) bytes, expected \(expected); copy the file again")
            }
        }
    }

    /// Where the voxels lie in the unpacked file.
    private struct Layout {
        var type: VoxelType
        var count: Int
        var start: Int
        var warnings: [ImageWarning]
        var end: Int { start + count * type.size }
    }

    private func layout(of header: NIfTIHeader) throws(ImageError) -> (shape: SIMD3<Int>, layout: Layout) {
        let axes = header.dimensions[0]
        guard (1...7).contains(axes) else { throw .damaged(path: path, reason: "its header claims \(axes) axes, expected 3") }
        let lengths = Array(header.dimensions[1...axes])
        guard let type = header.voxelType else {
            throw .unsupported(path: path, reason: "its voxels are of type \(header.datatypeName), expected real numbers of 8 to 64 bits")
        }
        guard lengths.allSatisfy({ $0 > 0 }) else {
            throw .damaged(
                path: path,
                reason: "its header claims \(lengths.map(String.init).joined(separator: " × ")) voxels, expected at least 1 along each axis")
        }
        let count = lengths.reduce((1, false)) { total, length in
            let (product, overflows) = total.0.multipliedReportingOverflow(by: length)
            return (product, total.1 || overflows)
        }
        guard !count.1, count.0 < Int.max >> 8 else {
            throw .damaged(path: path, reason: "its header claims more voxels than any file can hold: \(lengths)")
        }
        var warnings: [ImageWarning] = []
        if axes > 3 {
            let volumes = lengths[3...].reduce(1, *)
            guard volumes == 1 else {
                throw .unsupported(
                    path: path,
                    reason: "it holds \(volumes) volumes (\(lengths.map(String.init).joined(separator: " × "))), expected one; extract one first, "
                        + "for example with `fslroi IN OUT 0 1` or nibabel's `image.slicer[..., 0]`")
            }
            warnings.append(ImageWarning(.choice, "the header declares \(axes) axes for a single volume: read as 3-D"))
        }
        let least = header.isPair ? 0 : header.size + 4
        let start = header.voxelOffset == 0 ? least : header.voxelOffset
        guard start >= least, start < 1 << 40 else {
            throw .damaged(path: path, reason: "its voxels would start at byte \(header.voxelOffset), expected \(least) or later")
        }
        return (header.shape, Layout(type: type, count: count.0, start: start, warnings: warnings))
    }

    /// Refuses a header that promises more bytes than the file can hold, before memory is taken for them.
    private func checkLength(of file: Data, needed length: Int) throws(ImageError) {
        guard Gzip.isGzip(file) else {
            guard file.count >= length else {
                throw .damaged(path: path, reason: "its header promises \(length) bytes and \(file.count) are there; copy the file again")
            }
            return
        }
        let greatest = file.count.multipliedReportingOverflow(by: Gzip.greatestRatio).partialValue + 4096
        guard length <= greatest else {
            throw .damaged(
                path: path, reason: "its header promises \(length) bytes, but \(file.count) compressed bytes cannot hold more than \(greatest)")
        }
    }

    /// The file with the voxels of a pair.
    private func voxelFile() throws(ImageError) -> URL {
        let name = url.lastPathComponent
        let stem = ImageFile.stem(of: name)
        let folder = url.deletingLastPathComponent()
        for candidate in ["\(stem).img", "\(stem).img.gz", "\(stem).IMG"] where candidate != name {
            let other = folder.appending(path: candidate)
            if FileManager.default.fileExists(atPath: other.path(percentEncoded: false)) { return other }
        }
        throw .unreadable(path: path, reason: "it is the header of a pair, and the voxels are missing: expected \(stem).img beside it")
    }

    /// The unpacked file, of which at least `length` bytes are there.
    private func unpack(_ file: consuming Data, length: Int) throws(ImageError) -> Data {
        var bytes: Data
        if Gzip.isGzip(file) {
            do {
                // Some room beyond the promise, for files with bytes after their last voxel.
                bytes = try Gzip.decompress(file, expectedLength: length + (128 << 10), limit: max(length, AvailableMemory.bytes))
            } catch {
                switch error {
                case .badData: throw .damaged(path: path, reason: "its gzip data are cut short or altered; copy the file again")
                case .tooLong(let limit): throw .tooLarge(path: path, bytes: limit, memory: AvailableMemory.bytes)
                case .outOfMemory: throw .tooLarge(path: path, bytes: length, memory: AvailableMemory.bytes)
                }
            }
        } else {
            bytes = file
        }
        guard bytes.count >= length else {
            throw .damaged(path: path, reason: "its header promises \(length) bytes and \(bytes.count) are there; copy the file again")
        }
        return bytes
    }

    private func geometry(of header: NIfTIHeader) throws(ImageError) -> (Affine, [ImageWarning]) {
        do { return try header.affine() } catch {
            switch error {
            case .singular(let affine): throw .damaged(path: path, reason: affine.fault)
            case .badQuaternion(let vector):
                throw .damaged(
                    path: path, reason: "its qform quaternion (\(vector.x), \(vector.y), \(vector.z)) is longer than 1, so it is no rotation")
            }
        }
    }

    /// nibabel's rule: no scaling when the slope is 0 or not finite.
    private func rescale(of header: NIfTIHeader) throws(ImageError) -> (slope: Double, intercept: Double)? {
        guard header.slope.isFinite, header.slope != 0 else { return nil }
        guard header.intercept.isFinite else {
            throw .damaged(path: path, reason: "its scl_slope is \(header.slope) but its scl_inter is \(header.intercept), expected a number")
        }
        return header.slope == 1 && header.intercept == 0 ? nil : (header.slope, header.intercept)
    }
}
