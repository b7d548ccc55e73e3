import Foundation
import MedicalImaging
import Preprocessing

/// A preprocessed CT held in memory for cropping: intensities of the window as 16-bit fractions of 65535, in C order [X, Y, Z].
///
/// Half the memory of single precision; the greatest error, 8·10⁻⁶ of the window, is 0.002 HU of the published one.
public struct PretrainingVolume: Sendable {
    /// What messages call it.
    public let name: String
    public let shape: SIMD3<Int>
    private let voxels: [UInt16]

    /// Bytes held.
    public var byteCount: Int { voxels.count * 2 }

    /// Packs a volume whose intensities lie in 0…1; others are clamped.
    public init(name: String, _ volume: Volume<Float>) {
        self.name = name
        let shape = volume.grid.shape
        self.shape = shape
        voxels = volume.voxels.withUnsafeBufferPointer { source in
            [UInt16](unsafeUninitializedCapacity: source.count) { target, count in
                for x in 0..<shape.x {
                    for y in 0..<shape.y {
                        let start = x + shape.x * y
                        for z in 0..<shape.z {
                            let value = source[start + shape.x * shape.y * z]
                            target[count] = UInt16((max(0, min(1, value)) * 65535).rounded())
                            count += 1
                        }
                    }
                }
            }
        }
    }

    /// The crop of `size` voxels whose first voxel is `start`.
    /// - Precondition: the crop lies inside.
    public func crop(at start: SIMD3<Int>, size: SIMD3<Int>) -> ImagePatch {
        precondition(all(start .>= 0) && all(start &+ size .<= shape), "the crop \(start) + \(size) leaves the volume \(shape)")
        let scale: Float = 1 / 65535
        let crop = voxels.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: size.x * size.y * size.z) { target, count in
                for x in start.x..<start.x + size.x {
                    for y in start.y..<start.y + size.y {
                        let row = (x * shape.y + y) * shape.z + start.z
                        for z in row..<row + size.z {
                            target[count] = Float(source[z]) * scale
                            count += 1
                        }
                    }
                }
            }
        }
        return ImagePatch(shape: size, voxels: crop)
    }
}
