import Foundation

/// Writes NRRD and MetaImage files: a text header, then the voxels, compressed (`.nrrd`, `.mha`); or the header alone and the voxels in a
/// file beside it (`.nhdr` with `.raw.gz`, `.mhd` with uncompressed `.raw`, as ITK names them; the names of the two formats never meet).
struct TextHeaderWriter {
    var type: VoxelType
    var grid: VoxelGrid
    var labelNames: [UInt8: String]

    /// Directions and origin in LPS+, which both formats use.
    private var columns: [SIMD3<Double>] { grid.affine.columns.map(ForeignFile.flipped) }
    private var origin: SIMD3<Double> { ForeignFile.flipped(grid.affine.translation) }

    /// - Parameter url: what ends in `.nhdr` becomes a header beside its voxels.
    func writeNRRD(_ voxels: Data, to url: URL) throws(ImageError) {
        let names: [VoxelType: String] = [
            .uint8: "uint8", .int8: "int8", .uint16: "uint16", .int16: "int16", .uint32: "uint32", .int32: "int32", .uint64: "uint64",
            .int64: "int64",
            .float32: "float", .float64: "double",
        ]
        var lines = [
            "NRRD0005", "type: \(names[type] ?? "float")", "dimension: 3", "space: left-posterior-superior",
            "sizes: \(grid.shape.x) \(grid.shape.y) \(grid.shape.z)",
            "space directions: " + columns.map(Self.vector).joined(separator: " "), "kinds: domain domain domain", "endian: little", "encoding: gzip",
            "space origin: \(Self.vector(origin))",
        ]
        for (index, entry) in labelNames.sorted(by: { $0.key < $1.key }).enumerated() {
            lines.append("Segment\(index)_ID:=Segment_\(entry.key)")
            lines.append("Segment\(index)_Name:=\(entry.value)")
            lines.append("Segment\(index)_LabelValue:=\(entry.key)")
            lines.append("Segment\(index)_Layer:=0")
        }
        let compressed: Data
        do { compressed = try Gzip.compress(voxels) } catch { throw Self.outOfMemory(url) }
        guard url.pathExtension.lowercased() == "nhdr" else {
            return try AtomicFile.write([Data((lines.joined(separator: "\n") + "\n\n").utf8), compressed], to: url)
        }
        let detached = try Self.detached(url, ending: "raw.gz")
        lines.append("data file: \(detached.lastPathComponent)")
        try Self.write(lines, to: url, voxels: compressed, to: detached)
    }

    /// - Parameter url: what ends in `.mhd` becomes a header beside its voxels.
    func writeMetaImage(_ voxels: Data, to url: URL) throws(ImageError) {
        let names: [VoxelType: String] = [
            .uint8: "MET_UCHAR", .int8: "MET_CHAR", .uint16: "MET_USHORT", .int16: "MET_SHORT", .uint32: "MET_UINT", .int32: "MET_INT",
            .uint64: "MET_ULONG_LONG", .int64: "MET_LONG_LONG", .float32: "MET_FLOAT", .float64: "MET_DOUBLE",
        ]
        let spacing = grid.spacing
        let directions = (0..<3).flatMap { axis in (0..<3).map { columns[axis][$0] / spacing[axis] } }
        let geometry = [
            "TransformMatrix = \(Self.list(directions))", "Offset = \(Self.list([origin.x, origin.y, origin.z]))",
            "CenterOfRotation = 0 0 0", "AnatomicalOrientation = RAI", "ElementSpacing = \(Self.list([spacing.x, spacing.y, spacing.z]))",
            "DimSize = \(grid.shape.x) \(grid.shape.y) \(grid.shape.z)", "ElementType = \(names[type] ?? "MET_FLOAT")",
        ]
        let start = ["ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False"]
        guard url.pathExtension.lowercased() == "mhd" else {
            let compressed: Data
            do { compressed = try Gzip.compressZlib(voxels) } catch { throw Self.outOfMemory(url) }
            let packing = ["CompressedData = True", "CompressedDataSize = \(compressed.count)"]
            let lines = start + packing + geometry + ["ElementDataFile = LOCAL"]
            return try AtomicFile.write([Data((lines.joined(separator: "\n") + "\n").utf8), compressed], to: url)
        }
        let detached = try Self.detached(url, ending: "raw")
        let lines = start + ["CompressedData = False"] + geometry + ["ElementDataFile = \(detached.lastPathComponent)"]
        try Self.write(lines, to: url, voxels: voxels, to: detached)
    }

    /// Where the voxels of a header go that stands alone.
    /// - Throws: ``ImageError/unwritable(path:reason:)`` for names that readers of these formats take for patterns or lists of files.
    private static func detached(_ url: URL, ending: String) throws(ImageError) -> URL {
        let name = url.deletingPathExtension().lastPathComponent + "." + ending
        let isPlain = name.utf8.allSatisfy { (32..<127).contains($0) } && !name.contains("%") && !name.uppercased().hasPrefix("LIST")
        guard isPlain, name.count < 200 else {
            throw .unwritable(
                path: url.path(percentEncoded: false),
                reason: "a header that names its voxels' file takes plain letters, no %, and no name that begins with LIST; "
                    + "choose another name, or .nrrd or .mha, which hold everything in one file")
        }
        return url.deletingLastPathComponent().appending(path: name)
    }

    /// The voxels go first: a header is never found without them.
    private static func write(_ lines: [String], to url: URL, voxels: Data, to detached: URL) throws(ImageError) {
        try AtomicFile.write([voxels], to: detached)
        try AtomicFile.write([Data((lines.joined(separator: "\n") + "\n").utf8)], to: url)
    }

    private static func outOfMemory(_ url: URL) -> ImageError {
        .unwritable(path: url.path(percentEncoded: false), reason: "there is not enough memory to compress it")
    }

    private static func vector(_ v: SIMD3<Double>) -> String { "(\(v.x),\(v.y),\(v.z))" }
    private static func list(_ values: [Double]) -> String { values.map { "\($0 + 0)" }.joined(separator: " ") }
}
