import Foundation
import MedicalImaging
import Preprocessing

/// A preprocessed CT for cropping: intensities of the window as 16-bit fractions of 65535, in C order [X, Y, Z].
///
/// Half the memory of single precision; the greatest error, 8·10⁻⁶ of the window, is 0.002 HU of the published one.
public struct PretrainingVolume: Sendable {
    /// What messages call it.
    public let name: String
    public let shape: SIMD3<Int>
    private let voxels: StoredArray<UInt16>

    /// Bytes of the voxels.
    public var byteCount: Int { voxels.byteCount }

    /// Packs a volume whose intensities lie in 0…1; others are clamped.
    public init(name: String, _ volume: Volume<Float>) {
        self.name = name
        let shape = volume.grid.shape
        self.shape = shape
        let packed = volume.voxels.withUnsafeBufferPointer { source in
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
        voxels = StoredArray(packed)
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

extension PretrainingVolume: CachedSample {
    public var heldBytes: Int { voxels.heldBytes }
    public var contents: SampleContents? { SampleContents(shape: shape, arrays: [("voxels", voxels)]) }

    private init(name: String, restoring file: SampleFile) throws(CacheFileProblem) {
        (self.name, shape) = (name, file.shape)
        voxels = try file.array("voxels", count: shape.x * shape.y * shape.z)
    }

    /// Reading of images by a recipe; labels are not looked at.
    /// - Throws: on reading `LearningError.sample` for an image that the recipe refuses, `ImageError` for one that cannot be read.
    public static func reader(_ recipe: PreprocessingRecipe) -> SampleReader<PretrainingVolume> {
        let storage = SampleReader<PretrainingVolume>.Storage(usesLabels: false) { _ in
            "pre-training \(try JSONText.sorted(recipe))"
        } restore: { item, file in
            try PretrainingVolume(name: item.name, restoring: file)
        }
        return SampleReader(storage: storage) { item in
            let volume = try item.image()
            do { return PretrainingVolume(name: item.name, try recipe.apply(to: volume).volume) } catch let error as PreprocessingError {
                throw LearningError.sample(name: item.name, reason: "\(error); correct the file or take it out of the datalist")
            }
        }
    }
}
