/// A block of intensities in C order [X, Y, Z], Z fastest: the order of MONAI's arrays and of tensors, not that of a `Volume`.
public struct ImagePatch: Sendable, Equatable {
    /// Voxels along X, Y, Z.
    public let shape: SIMD3<Int>
    /// The intensities.
    public var voxels: [Float]

    /// - Precondition: the voxels fill the shape.
    public init(shape: SIMD3<Int>, voxels: [Float]) {
        precondition(voxels.count == shape.x * shape.y * shape.z, "a patch of \(shape) is not filled by \(voxels.count) voxels")
        self.shape = shape
        self.voxels = voxels
    }

    /// The number of voxels.
    public var count: Int { voxels.count }

    /// The position of a voxel in `voxels`.
    @inlinable public func index(_ x: Int, _ y: Int, _ z: Int) -> Int { (x * shape.y + y) * shape.z + z }

    /// The patch mirrored along the chosen axes.
    public func flipped(_ axes: SIMD3<Int>) -> ImagePatch {
        guard axes != .zero else { return self }
        var result = self
        for x in 0..<shape.x {
            for y in 0..<shape.y {
                let source = index(axes.x == 0 ? x : shape.x - 1 - x, axes.y == 0 ? y : shape.y - 1 - y, 0)
                let target = index(x, y, 0)
                for z in 0..<shape.z { result.voxels[target + z] = voxels[source + (axes.z == 0 ? z : shape.z - 1 - z)] }
            }
        }
        return result
    }
}
