import MedicalImaging

/// The grid that a volume is resampled to, and the map from its voxels to those of the (reoriented) volume.
///
/// MONAI 1.6.1 `Spacing` with its defaults: spacings within 10⁻³ mm of the wanted ones are kept, shear is removed, the first voxel centres coincide (or the
/// centres of the volumes, where shear leaves no first corner), the size is that of the span of the voxel centres, rounded half to even.
package struct ResamplingPlan: Sendable {
    /// Where the resampled voxels lie.
    package let target: VoxelGrid
    /// Index in `target` → index in the source.
    package let indexMap: Affine
    /// Whether the volume stays as it is.
    package let isIdentity: Bool

    /// No more voxels than this come out of resampling.
    package static let voxelLimit = 1 << 31

    /// Resampling `source` to `wanted` mm; `nil` keeps it.
    package init(source: VoxelGrid, spacing wanted: [Double]?) throws(PreprocessingError) {
        guard let wanted, let last = wanted.last else {
            self.init(target: source, indexMap: .identity, isIdentity: true)
            return
        }
        let degenerate = PreprocessingError.degenerateAffine(rows: source.affine.rowMajor)
        let stored = source.spacing
        var spacing = SIMD3<Double>.zero
        for axis in 0..<3 {
            let value = axis < wanted.count ? wanted[axis] : last
            spacing[axis] = value <= 0 || abs(stored[axis] - value) <= 1e-3 ? stored[axis] : value
        }
        guard var affine = source.affine.rescaled(to: spacing), let corners = Self.corners(of: source, in: affine) else { throw degenerate }
        let shape = try Self.shape(spanning: corners)
        affine.translation = Self.origin(source: source, target: affine, shape: shape, corners: corners)
        guard let indexMap = Affine.solving(source.affine, affine) else { throw degenerate }
        if shape == source.shape, Affine.agree(source.affine, affine, indexMap: indexMap) {
            self.init(target: source, indexMap: .identity, isIdentity: true)
        } else {
            self.init(target: VoxelGrid(shape: shape, affine: affine), indexMap: indexMap, isIdentity: false)
        }
    }

    private init(target: VoxelGrid, indexMap: Affine, isIdentity: Bool) {
        self.target = target
        self.indexMap = indexMap
        self.isIdentity = isIdentity
    }

    /// The indices of the eight corner voxels of `grid`, the first axis slowest.
    private static func cornerIndices(of grid: VoxelGrid) -> [SIMD3<Double>] {
        (0..<8).map { corner in
            SIMD3(
                corner & 4 == 0 ? 0 : Double(grid.shape.x - 1), corner & 2 == 0 ? 0 : Double(grid.shape.y - 1),
                corner & 1 == 0 ? 0 : Double(grid.shape.z - 1))
        }
    }

    /// The corners of `grid` in the index space of `affine`.
    private static func corners(of grid: VoxelGrid, in affine: Affine) -> [SIMD3<Double>]? {
        guard let map = Affine.solving(affine, grid.affine) else { return nil }
        return cornerIndices(of: grid).map { map($0) }
    }

    private static func shape(spanning corners: [SIMD3<Double>]) throws(PreprocessingError) -> SIMD3<Int> {
        var shape = SIMD3<Int>.zero
        var count = 1.0
        for axis in 0..<3 {
            let values = corners.map { $0[axis] }
            let span = (values.max() ?? 0) - (values.min() ?? 0)
            let size = (span + 1).rounded(.toNearestOrEven)
            count *= size
            shape[axis] = Int(min(size, 1e15))
        }
        guard count <= Double(voxelLimit) else { throw .outputTooLarge(shape: shape, limit: voxelLimit) }
        return shape
    }

    /// The position of the first target voxel: that of the source's corner from which all others lie in positive direction, or else such that the centres
    /// agree.
    private static func origin(source: VoxelGrid, target: Affine, shape: SIMD3<Int>, corners: [SIMD3<Double>]) -> SIMD3<Double> {
        let indices = cornerIndices(of: source)
        for (index, corner) in zip(indices, corners) {
            let smallest = corners.reduce(SIMD3<Double>(repeating: .infinity)) { pointwiseMin($0, $1 - corner) }
            if abs(smallest.x) <= 1e-8, abs(smallest.y) <= 1e-8, abs(smallest.z) <= 1e-8 { return source.affine(index) }
        }
        return source.affine(SIMD3<Double>(source.shape) / 2) - target.linear(SIMD3<Double>(shape) / 2)
    }
}
