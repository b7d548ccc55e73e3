import MedicalImaging

/// The way back from a preprocessed volume to the grid it came from: for every original voxel, the place in the processed volume to read.
///
/// Probabilities are read by trilinear interpolation, as MONAI's `Invertd` does: first everything outside `foregroundBox` counts as
/// probability 0 for every class (the voxels that cropping removed and those that padding added), then coordinates are clamped to `resampledBox`.
/// A voxel at which all probabilities are 0 is background.
public struct InverseMap: Sendable {
    /// The grid of the volume before preprocessing; the output gets exactly this one.
    public var originalGrid: VoxelGrid
    /// The grid of the volume after preprocessing.
    public var processedGrid: VoxelGrid
    /// In the separable case, original axis `a` runs along processed axis `axes[a]`.
    public var axes: SIMD3<Int>
    /// In the separable case, per original axis and index: the coordinate along the processed axis, clamped to `resampledBox`. It may lie outside of the
    /// processed volume.
    public var coordinates: [[Double]]
    /// When the grid is sheared: original index → processed index, before clamping to `resampledBox`. Then `axes` and `coordinates` mean nothing.
    public var general: Affine?
    /// The resampled volume before cropping and padding, in processed indices.
    public var resampledBox: VoxelBox
    /// The part of the processed volume that was neither cropped away nor added by padding, in processed indices.
    public var foregroundBox: VoxelBox

    public init(
        originalGrid: VoxelGrid, processedGrid: VoxelGrid, axes: SIMD3<Int>, coordinates: [[Double]], general: Affine? = nil, resampledBox: VoxelBox,
        foregroundBox: VoxelBox
    ) {
        self.originalGrid = originalGrid
        self.processedGrid = processedGrid
        self.axes = axes
        self.coordinates = coordinates
        self.general = general
        self.resampledBox = resampledBox
        self.foregroundBox = foregroundBox
    }

    /// Off-axis movement, in processed voxels, up to which a grid counts as not sheared on the way back. Affines stored in single precision have up to
    /// 5 · 10⁻⁵ voxels of it on a 512² image.
    static let separabilityTolerance = 1e-4

    /// The inverse of reorienting `original` and resampling it by `plan`; nothing cropped yet.
    init(original: VoxelGrid, reoriented: VoxelGrid, reorientation: Reorientation, plan: ResamplingPlan) throws(PreprocessingError) {
        let back: Affine
        if plan.isIdentity {
            back = .identity
        } else {
            guard let map = Affine.solving(plan.target.affine, reoriented.affine) else {
                throw .degenerateAffine(rows: plan.target.affine.rowMajor)
            }
            back = map
        }
        let box = VoxelBox(shape: plan.target.shape)
        self.init(
            originalGrid: original, processedGrid: plan.target, axes: .zero, coordinates: [], resampledBox: box, foregroundBox: box)
        // Taken apart before the flips enter, so that no rounding comes from adding and subtracting the width of the volume.
        switch IndexMap(back, shape: reoriented.shape, tolerance: Self.separabilityTolerance) {
        case .separable(let backAxes, let backCoordinates):
            coordinates = [[], [], []]
            for axis in 0..<3 {
                let source = reorientation.sourceAxes[axis]
                axes[source] = backAxes[axis]
                let limit = Double(plan.target.shape[backAxes[axis]] - 1)
                let clamped = backCoordinates[axis].map { min(max($0, 0), limit) }
                coordinates[source] = reorientation.flipped[axis] ? clamped.reversed() : clamped
            }
        case .general:
            axes = SIMD3(0, 1, 2)
            coordinates = [[], [], []]
            guard let toReoriented = reorientation.indexMap(storedShape: original.shape).inverse else {
                throw .degenerateAffine(rows: original.affine.rowMajor)
            }
            general = back * toReoriented
        }
    }

    /// The inverse when the processed volume is reduced, or extended, to `box`.
    func cropped(to box: VoxelBox) -> InverseMap {
        var result = self
        let offset = SIMD3<Int>.zero &- box.lower
        let shift = SIMD3<Double>(offset)
        result.processedGrid = processedGrid.cropped(to: box)
        result.resampledBox = resampledBox.shifted(by: offset)
        let kept = VoxelBox(lower: pointwiseMax(foregroundBox.lower, box.lower), upper: pointwiseMin(foregroundBox.upper, box.upper))
        result.foregroundBox = kept.shifted(by: offset)
        if var map = general {
            map.translation += shift
            result.general = map
        } else {
            for axis in 0..<3 { result.coordinates[axis] = coordinates[axis].map { $0 + shift[axes[axis]] } }
        }
        return result
    }

    /// The coordinate in the processed volume of the original voxel (i, j, k), clamped to `resampledBox`.
    public func coordinate(_ i: Int, _ j: Int, _ k: Int) -> SIMD3<Double> {
        if let general {
            let point = general(SIMD3(Double(i), Double(j), Double(k)))
            return pointwiseMin(pointwiseMax(point, SIMD3<Double>(resampledBox.lower)), SIMD3<Double>(resampledBox.upper &- 1))
        }
        var point = SIMD3<Double>.zero
        point[axes.x] = coordinates[0][i]
        point[axes.y] = coordinates[1][j]
        point[axes.z] = coordinates[2][k]
        return point
    }
}
