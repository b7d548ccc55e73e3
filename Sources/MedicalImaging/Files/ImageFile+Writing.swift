import Foundation

extension ImageFile {
    /// Writes an image in the smallest type that holds every value exactly, of the source's own, 16-bit integers with and without sign, and 32-bit
    /// floats; of two of one size the source's comes first. So CT takes 16 bits, also where a reader rescaled it to a larger type.
    ///
    /// The file appears whole or not at all. Names that end in `.nhdr` or `.mhd` give a header and, beside it, a file of the voxels
    /// (`.raw.gz`, `.raw`). NIfTI files keep both affines with their codes, the units and the description of the source
    /// when its grid is unchanged.
    public static func write(_ volume: Volume<Float>, to url: URL, like source: ImageSource? = nil) throws(ImageError) {
        let candidates = ([source?.storedType, .int16, .uint16].compactMap { $0 }).sorted { $0.size < $1.size }
        let type = candidates.first { holds(volume.voxels, exactly: $0) } ?? .float32
        try write(bytes(of: volume.voxels, as: type), type: type, grid: volume.grid, to: url, like: source, labelNames: [:])
    }

    /// Writes a label map as unsigned bytes; the names of the labels go into the file where the format has a place for them.
    public static func write(
        _ labels: LabelMap, to url: URL, like source: ImageSource? = nil, labelNames: [UInt8: String] = [:]
    ) throws(ImageError) {
        try write(Data(labels.voxels), type: .uint8, grid: labels.grid, to: url, like: source, labelNames: labelNames)
    }

    private static func write(
        _ voxels: Data, type: VoxelType, grid: VoxelGrid, to url: URL, like source: ImageSource?, labelNames: [UInt8: String]
    ) throws(ImageError) {
        let name = url.lastPathComponent.lowercased()
        if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") {
            let comment = labelNames.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
            try NIfTIWriter.write(voxels, type: type, grid: grid, to: url, like: source, comment: comment)
        } else if name.hasSuffix(".nrrd") || name.hasSuffix(".nhdr") {
            try TextHeaderWriter(type: type, grid: grid, labelNames: labelNames).writeNRRD(voxels, to: url)
        } else if name.hasSuffix(".mha") || name.hasSuffix(".mhd") {
            try TextHeaderWriter(type: type, grid: grid, labelNames: labelNames).writeMetaImage(voxels, to: url)
        } else {
            throw .unwritable(
                path: url.path(percentEncoded: false), reason: "its name tells no format; end it in .nii.gz, .nii, .nrrd, .nhdr, .mha or .mhd")
        }
    }

    /// Whether every voxel is a value of `type`.
    private static func holds(_ voxels: [Float], exactly type: VoxelType) -> Bool {
        func all<Scalar: FixedWidthInteger>(_: Scalar.Type) -> Bool { voxels.allSatisfy { Scalar(exactly: $0) != nil } }
        return switch type {
        case .uint8: all(UInt8.self)
        case .int8: all(Int8.self)
        case .uint16: all(UInt16.self)
        case .int16: all(Int16.self)
        case .uint32: all(UInt32.self)
        case .int32: all(Int32.self)
        case .float32: true
        case .uint64, .int64, .float64: false
        }
    }

    /// The voxels as little-endian bytes of `type`, which holds them all.
    private static func bytes(of voxels: [Float], as type: VoxelType) -> Data {
        func convert<Scalar: FixedWidthInteger>(_: Scalar.Type) -> Data {
            var data = Data(count: voxels.count * MemoryLayout<Scalar>.size)
            data.withUnsafeMutableBytes { bytes in
                let target = bytes.bindMemory(to: Scalar.self)
                for (index, value) in voxels.enumerated() { target[index] = Scalar(value).littleEndian }
            }
            return data
        }
        return switch type {
        case .uint8: convert(UInt8.self)
        case .int8: convert(Int8.self)
        case .uint16: convert(UInt16.self)
        case .int16: convert(Int16.self)
        case .uint32: convert(UInt32.self)
        case .int32: convert(Int32.self)
        case .float32, .float64, .uint64, .int64: voxels.withUnsafeBytes { Data($0) }
        }
    }
}
