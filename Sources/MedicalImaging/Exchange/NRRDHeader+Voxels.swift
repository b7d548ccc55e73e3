import Foundation

extension NRRDHeader {
    /// Checks that the files of the voxels are there, are files, and can hold what the header announces.
    /// - Parameters:
    ///   - url: the file with the header, of `size` bytes.
    ///   - announced: the bytes of all voxels, of `voxelSize` bytes each.
    func checkVoxels(of url: URL, size: Int, announced: Int, voxelSize: Int) throws(Fault) {
        // What a byte of the file can at most hold of the voxels.
        let factor = encoding == "raw" ? 1 : encoding == "gzip" ? Gzip.greatestRatio : voxelSize
        var held = names.isEmpty ? size - length : 0
        for name in names { held += try VoxelFiles.size(of: name, beside: url) }
        let greatest = held.multipliedReportingOverflow(by: factor).partialValue + (encoding == "gzip" ? 4096 : 0)
        guard announced <= greatest else {
            throw Fault(
                reason: "its header announces \(announced) bytes of voxels, and the \(held) bytes that are there (encoding \(encoding)) cannot hold "
                    + "more than \(greatest); copy \(names.isEmpty ? "it" : "them") again")
        }
    }

    /// Checks, before teem opens them, that the files of the voxels are there and are files.
    func checkFiles(of url: URL) throws(Fault) {
        for name in names { _ = try VoxelFiles.size(of: name, beside: url) }
    }

    /// The voxels that gzip packed, checksum and all, which teem does not look at; it even takes data that are no gzip for voxels.
    /// - Parameters:
    ///   - file: the whole file at `url`.
    ///   - announced: the bytes of all voxels.
    /// - Returns: `nil` for other encodings, and for voxels in several files or after lines to skip.
    func unpacked(_ file: Data, of url: URL, announced: Int) throws -> (bytes: Data, offset: Int)? {
        guard encoding == "gzip", names.count <= 1, Int(fields["lineskip"] ?? "0") == 0, let skip = Int(fields["byteskip"] ?? "0"), skip >= -1,
            skip < 1 << 40
        else { return nil }
        let packed = try names.first.map { try AtomicFile.read(VoxelFiles.file($0, beside: url)) } ?? Data(file.dropFirst(length))
        let bytes: Data
        do { bytes = try Gzip.decompress(packed, expectedLength: announced + max(0, skip), limit: AvailableMemory.bytes) } catch Gzip.Failure.badData
        {
            throw Fault(reason: "its gzip data are cut short or altered; copy the file again")
        }
        let offset = skip < 0 ? bytes.count - announced : skip
        guard offset >= 0, bytes.count - offset >= announced else {
            throw Fault(
                reason: "its header announces \(announced) bytes of voxels and \(max(0, bytes.count - max(0, skip))) are there; copy the file again")
        }
        return (bytes, offset)
    }
}
