import Foundation

/// How large the volume of a file is, as its header says, before anything else is read.
package struct AnnouncedSize: Sendable, Equatable {
    package var voxelCount: Int
    /// The bytes of the voxels as stored, unpacked.
    package var storedBytes: Int
    /// In mm³.
    package var extent: Double

    /// - Returns: `nil` for anything but a NIfTI file with a sound header: only reading tells then.
    package init?(of url: URL) {
        guard !ImageFile.isFolder(url), let handle = try? FileHandle(forReadingFrom: url) else { return nil }
        defer { try? handle.close() }
        guard var start = try? handle.read(upToCount: 1 << 18) else { return nil }
        if Gzip.isGzip(start) {
            guard let (content, _) = try? Gzip.prefix(of: start, length: 1 << 17) else { return nil }
            start = content
        }
        guard let header = try? NIfTIHeader(decoding: start), let type = header.voxelType, header.shape.min() > 0 else { return nil }
        let (plane, overflows) = header.shape.x.multipliedReportingOverflow(by: header.shape.y)
        let (count, overflowsToo) = plane.multipliedReportingOverflow(by: header.shape.z)
        guard !overflows, !overflowsToo, count < Int.max >> 8 else { return nil }
        voxelCount = count
        storedBytes = count * type.size
        extent = Double(count) * (1...3).reduce(1) { $0 * abs(header.pixelDimensions[$1]) }
    }
}
