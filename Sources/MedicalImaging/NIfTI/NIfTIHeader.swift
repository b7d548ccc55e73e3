import Foundation

/// The fields of a NIfTI-1 or NIfTI-2 header that describe a volume, as stored. Fields of NIfTI-1 that are 32-bit floats are
/// widened exactly.
package struct NIfTIHeader: Sendable, Equatable {
    /// 1 or 2.
    package var version = 1
    package var isBigEndian = false
    /// Whether the voxels lie in a separate `.img` file.
    package var isPair = false
    /// `dim[0 ... 7]`: the number of axes, then their lengths.
    package var dimensions = [3, 1, 1, 1, 1, 1, 1, 1]
    package var datatype = 16
    /// `pixdim[0 ... 7]`: the handedness of the qform, then the spacing.
    package var pixelDimensions: [Double] = [1, 1, 1, 1, 1, 1, 1, 1]
    package var voxelOffset = 0
    package var slope = 1.0
    package var intercept = 0.0
    package var timeOffset = 0.0
    package var sliceDuration = 0.0
    package var sliceStart = 0
    package var sliceEnd = 0
    package var sliceCode = 0
    package var dimensionInfo: UInt8 = 0
    /// `xyzt_units`: 2 is mm.
    package var units = 2
    package var intentCode = 0
    /// 80 bytes.
    package var description = [UInt8](repeating: 0, count: 80)
    /// 24 bytes.
    package var auxiliaryFile = [UInt8](repeating: 0, count: 24)
    package var qformCode = 0
    package var sformCode = 0
    /// `quatern_b`, `_c`, `_d`.
    package var quaternion = SIMD3<Double>.zero
    package var quaternionOffset = SIMD3<Double>.zero
    /// `srow_x`, `srow_y`, `srow_z`.
    package var sform = Affine(columns: .zero, .zero, .zero, translation: .zero)

    package init() {}

    /// The lengths of the first three axes; absent axes have length 1.
    package var shape: SIMD3<Int> {
        let axes = dimensions[0]
        return SIMD3(dimensions[1], axes >= 2 ? dimensions[2] : 1, axes >= 3 ? dimensions[3] : 1)
    }

    /// The size of the header in a file, without the four bytes that announce extensions.
    package var size: Int { version == 1 ? 348 : 540 }

    /// The voxel type, or `nil` when no CT volume can be made of it.
    package var voxelType: VoxelType? { Self.voxelTypes[datatype] }

    /// The number of a voxel type in a NIfTI file.
    package static func datatype(of type: VoxelType) -> Int { voxelTypes.first { $0.value == type }?.key ?? 16 }

    private static let voxelTypes: [Int: VoxelType] = [
        2: .uint8, 4: .int16, 8: .int32, 16: .float32, 64: .float64, 256: .int8, 512: .uint16, 768: .uint32, 1024: .int64, 1280: .uint64,
    ]

    /// What the datatypes are that cannot be read.
    package var datatypeName: String {
        let names = [
            0: "unknown", 1: "binary", 32: "complex64", 128: "RGB colour", 1536: "float128", 1792: "complex128", 2048: "complex256",
            2304: "RGBA colour",
        ]
        return names[datatype] ?? "number \(datatype)"
    }
}
