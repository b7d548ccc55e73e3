import Foundation
import MedicalImaging

/// A NIfTI file made field by field, for tests that need odd ones.
struct NIfTIFixture {
    var header = NIfTIHeader()
    var voxels = Data()

    /// A 4 × 3 × 2 volume of 16-bit integers −1000, −999, … with an oblique sform.
    init() {
        header.datatype = 4
        header.dimensions = [3, 4, 3, 2, 1, 1, 1, 1]
        header.voxelOffset = 352
        header.place(Affine(rowMajor: [0.6, -0.3, 0.25, -10, 0.4, 0.7, 0.5, 20, -0.2, 0.1, 2.9, -30]))
        voxels = Self.bytes((0..<24).map { Int16($0 - 1000) })
    }

    /// Scalars in the byte order asked for.
    static func bytes<Scalar: StoredScalar>(_ scalars: [Scalar], bigEndian: Bool = false) -> Data {
        var data = Data()
        for scalar in scalars { withUnsafeBytes(of: bigEndian ? scalar.reversed : scalar) { data.append(contentsOf: $0) } }
        return data
    }

    /// The single file.
    var file: Data { header.encoded + Data(count: header.voxelOffset - header.size) + voxels }

    /// The single file with `bytes` put at `offset`.
    func file(replacing offset: Int, with bytes: [UInt8]) -> Data {
        var file = file
        file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        return file
    }
}

/// The bytes of a little-endian number.
func bytes<Number: BitwiseCopyable>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number, Array.init) }
