/// Where the voxels of a volume lie in the patient: the number of voxels along each axis and the affine from voxel indices to RAS+ mm.
public struct VoxelGrid: Sendable, Equatable {
    /// The number of voxels along the axes i, j, k.
    public var shape: SIMD3<Int>
    /// Voxel index (centre of voxel (0, 0, 0) at index 0) → patient coordinates in mm, RAS+.
    public var affine: Affine

    public init(shape: SIMD3<Int>, affine: Affine) {
        self.shape = shape
        self.affine = affine
    }

    /// The number of voxels.
    public var count: Int { shape.x * shape.y * shape.z }

    /// The voxel spacing in mm along i, j, k: the column norms of the affine.
    public var spacing: SIMD3<Double> { affine.columnNorms }

    /// The volume of one voxel in mm³.
    public var voxelVolume: Double { abs(affine.determinant) }

    /// The position of voxel (i, j, k) in the linear storage of a `Volume`: i runs fastest, as in a NIfTI file.
    @inlinable public func index(_ i: Int, _ j: Int, _ k: Int) -> Int { i + shape.x * (j + shape.y * k) }
}
