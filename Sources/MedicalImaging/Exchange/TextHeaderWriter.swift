import Foundation

/// Writes NRRD (`.nrrd`) and MetaImage (`.mha`) files: a text header, then the voxels, compressed.
struct TextHeaderWriter {
    var type: VoxelType
    var grid: VoxelGrid
    var labelNames: [UInt8: String]

    /// Directions and origin in LPS+, which both formats use.
    private var columns: [SIMD3<Double>] { grid.affine.columns.map(ForeignFile.flipped) }
    private var origin: SIMD3<Double> { ForeignFile.flipped(grid.affine.translation) }

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
        try AtomicFile.write([Data((lines.joined(separator: "\n") + "\n\n").utf8), compressed], to: url)
    }

    func writeMetaImage(_ voxels: Data, to url: URL) throws(ImageError) {
        let names: [VoxelType: String] = [
            .uint8: "MET_UCHAR", .int8: "MET_CHAR", .uint16: "MET_USHORT", .int16: "MET_SHORT", .uint32: "MET_UINT", .int32: "MET_INT",
            .uint64: "MET_ULONG_LONG", .int64: "MET_LONG_LONG", .float32: "MET_FLOAT", .float64: "MET_DOUBLE",
        ]
        let spacing = grid.spacing
        let directions = (0..<3).flatMap { axis in (0..<3).map { columns[axis][$0] / spacing[axis] } }
        let compressed: Data
        do { compressed = try Gzip.compressZlib(voxels) } catch { throw Self.outOfMemory(url) }
        let lines = [
            "ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False", "CompressedData = True",
            "CompressedDataSize = \(compressed.count)", "TransformMatrix = \(Self.list(directions))",
            "Offset = \(Self.list([origin.x, origin.y, origin.z]))",
            "CenterOfRotation = 0 0 0", "AnatomicalOrientation = RAI", "ElementSpacing = \(Self.list([spacing.x, spacing.y, spacing.z]))",
            "DimSize = \(grid.shape.x) \(grid.shape.y) \(grid.shape.z)", "ElementType = \(names[type] ?? "MET_FLOAT")", "ElementDataFile = LOCAL",
        ]
        try AtomicFile.write([Data((lines.joined(separator: "\n") + "\n").utf8), compressed], to: url)
    }

    private static func outOfMemory(_ url: URL) -> ImageError {
        .unwritable(path: url.path(percentEncoded: false), reason: "there is not enough memory to compress it")
    }

    private static func vector(_ v: SIMD3<Double>) -> String { "(\(v.x),\(v.y),\(v.z))" }
    private static func list(_ values: [Double]) -> String { values.map { "\($0 + 0)" }.joined(separator: " ") }
}
