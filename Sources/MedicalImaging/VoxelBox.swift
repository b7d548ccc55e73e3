/// A box of voxels: `lower` inclusive, `upper` exclusive. Bounds may lie outside of the volume they are used with.
public struct VoxelBox: Sendable, Equatable, Codable {
    public var lower: SIMD3<Int>
    public var upper: SIMD3<Int>

    public init(lower: SIMD3<Int>, upper: SIMD3<Int>) {
        self.lower = lower
        self.upper = upper
    }

    /// The whole of a volume of `shape`.
    public init(shape: SIMD3<Int>) { self.init(lower: .zero, upper: shape) }

    /// The number of voxels along each axis.
    public var shape: SIMD3<Int> { upper &- lower }

    /// Whether voxel (i, j, k) lies inside.
    @inlinable public func contains(_ index: SIMD3<Int>) -> Bool { all(index .>= lower) && all(index .< upper) }

    /// The box moved by `offset` voxels.
    public func shifted(by offset: SIMD3<Int>) -> VoxelBox { VoxelBox(lower: lower &+ offset, upper: upper &+ offset) }
}

extension VoxelGrid {
    /// The grid of the voxels in `box`, which may reach beyond this grid.
    public func cropped(to box: VoxelBox) -> VoxelGrid {
        var affine = affine
        affine.translation = affine(SIMD3<Double>(box.lower))
        return VoxelGrid(shape: box.shape, affine: affine)
    }
}

extension Volume {
    /// The voxels in `box`; where it reaches beyond this volume, `fill`.
    public func cropped(to box: VoxelBox, fill: Scalar) -> Volume {
        if box == VoxelBox(shape: grid.shape) { return self }
        var result = Volume(grid: grid.cropped(to: box), repeating: fill)
        let lower = pointwiseMax(box.lower, .zero)
        let upper = pointwiseMin(box.upper, grid.shape)
        guard all(lower .< upper) else { return result }
        let length = upper.x - lower.x
        let (source, target) = (grid, result.grid)
        voxels.withUnsafeBufferPointer { input in
            result.voxels.withUnsafeMutableBufferPointer { output in
                for k in lower.z..<upper.z {
                    for j in lower.y..<upper.y {
                        let from = source.index(lower.x, j, k)
                        let to = target.index(lower.x - box.lower.x, j - box.lower.y, k - box.lower.z)
                        output.baseAddress.unsafelyUnwrapped.advanced(by: to)
                            .update(from: input.baseAddress.unsafelyUnwrapped.advanced(by: from), count: length)
                    }
                }
            }
        }
        return result
    }
}

extension Volume<Float> {
    /// The smallest box that holds every voxel above `threshold`, or `nil` when there is none. NaN is never above.
    public func boundingBox(above threshold: Float) -> VoxelBox? {
        var lower = grid.shape
        var upper = SIMD3<Int>.zero
        let shape = grid.shape
        voxels.withUnsafeBufferPointer { values in
            for k in 0..<shape.z {
                for j in 0..<shape.y {
                    let row = UnsafeBufferPointer(rebasing: values[grid.index(0, j, k)..<grid.index(0, j, k) + shape.x])
                    guard let first = row.firstIndex(where: { $0 > threshold }), let last = row.lastIndex(where: { $0 > threshold }) else { continue }
                    lower = pointwiseMin(lower, SIMD3(first, j, k))
                    upper = pointwiseMax(upper, SIMD3(last + 1, j + 1, k + 1))
                }
            }
        }
        return upper.x > 0 ? VoxelBox(lower: lower, upper: upper) : nil
    }
}
