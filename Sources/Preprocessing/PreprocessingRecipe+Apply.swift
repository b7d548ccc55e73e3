import MedicalImaging

/// A volume in the form a network expects, and the way back.
public struct PreprocessedVolume: Sendable {
    /// The preprocessed intensities.
    public var volume: Volume<Float>
    /// The map back to the original grid.
    public var inverse: InverseMap

    public init(volume: Volume<Float>, inverse: InverseMap) {
        self.volume = volume
        self.inverse = inverse
    }
}

extension PreprocessingRecipe {
    /// Brings `volume` (HU) into the form this recipe describes. Besides input and output no volume is held.
    ///
    /// Throws `PreprocessingError` when the recipe or the volume's grid has no meaning, a voxel is NaN, or no foreground is found.
    public func apply(to volume: Volume<Float>) throws -> PreprocessedVolume {
        try applied(to: volume).processed
    }

    /// Brings `volume` and its `labels` into the form this recipe describes; labels take the nearest voxel's value and are cropped by the image's
    /// foreground.
    ///
    /// Throws as `apply(to:)`, and `PreprocessingError.gridMismatch` when the two do not lie on the same grid.
    public func apply(to volume: Volume<Float>, labels: LabelMap) throws -> (PreprocessedVolume, LabelMap) {
        guard volume.grid.shape == labels.grid.shape, volume.grid.coincides(with: labels.grid) else {
            throw PreprocessingError.gridMismatch(image: volume.grid, labels: labels.grid)
        }
        let (processed, geometry, boxes) = try applied(to: volume)
        let resampled = labels.resampledToNearest(to: geometry.target, by: geometry.labelMap)
        return (processed, boxes.reduce(resampled) { $0.cropped(to: $1, fill: 0) })
    }

    /// Where reorienting and resampling lead, without their effect on any voxel.
    private struct Geometry {
        let target: VoxelGrid
        let map: IndexMap
        /// The same with coordinates rounded before any flip, so that halves go to the even index of the reoriented volume.
        let labelMap: IndexMap
        let inverse: InverseMap
    }

    /// Off-axis movement, in voxels, up to which a grid counts as not sheared on the way forth.
    private static let separabilityTolerance = 1e-6

    private func geometry(of grid: VoxelGrid) throws(PreprocessingError) -> Geometry {
        guard grid.shape.min() > 0 else { throw .emptyVolume(shape: grid.shape) }
        guard let stored = grid.orientation else { throw .degenerateAffine(rows: grid.affine.rowMajor) }
        let wanted = orientation.flatMap(AxisOrientation.init(code:)) ?? stored
        let reorientation = Reorientation(from: stored, to: wanted)
        let reoriented = reorientation.applied(to: grid)
        let plan = try ResamplingPlan(source: reoriented, spacing: spacing)
        let inverse = try InverseMap(original: grid, reoriented: reoriented, reorientation: reorientation, plan: plan)
        let map = IndexMap(plan.indexMap, shape: plan.target.shape, tolerance: Self.separabilityTolerance)
        return Geometry(
            target: plan.target, map: map.followed(by: reorientation, storedShape: grid.shape),
            labelMap: map.rounded().followed(by: reorientation, storedShape: grid.shape), inverse: inverse)
    }

    /// The processed volume, the geometry, and the boxes that it was cropped and then padded to, each in the indices of the volume before it.
    private func applied(
        to volume: Volume<Float>
    ) throws(PreprocessingError) -> (processed: PreprocessedVolume, geometry: Geometry, boxes: [VoxelBox]) {
        try validate()
        let geometry = try geometry(of: volume.grid)
        var result = volume.resampledLinearly(to: geometry.target, by: geometry.map)
        intensity?.apply(to: &result.voxels)
        try Self.refuseNaN(in: result)
        let foreground = try foregroundBox(of: result)
        let boxes = [foreground, paddedBox(of: foreground.shape)]
        let processed = boxes.reduce(PreprocessedVolume(volume: result, inverse: geometry.inverse)) {
            PreprocessedVolume(volume: $0.volume.cropped(to: $1, fill: 0), inverse: $0.inverse.cropped(to: $1))
        }
        return (processed, geometry, boxes)
    }

    /// The part of `volume` to keep.
    private func foregroundBox(of volume: Volume<Float>) throws(PreprocessingError) -> VoxelBox {
        guard cropsForeground else { return VoxelBox(shape: volume.grid.shape) }
        if let box = volume.boundingBox(above: 0) { return box }
        guard keepsVolumeWithoutForeground else { throw .noForeground(threshold: "\(intensity?.lower ?? 0) HU") }
        return VoxelBox(shape: volume.grid.shape)
    }

    /// A volume of `shape` extended to the minimum shape: half of the missing voxels, rounded down, before, the rest after.
    private func paddedBox(of shape: SIMD3<Int>) -> VoxelBox {
        guard let minimumShape else { return VoxelBox(shape: shape) }
        let wanted = SIMD3(minimumShape[0], minimumShape[1], minimumShape[2])
        let missing = pointwiseMax(wanted &- shape, .zero)
        let before = missing / 2
        return VoxelBox(lower: SIMD3<Int>.zero &- before, upper: shape &+ (missing &- before))
    }

    private static func refuseNaN(in volume: Volume<Float>) throws(PreprocessingError) {
        guard let first = volume.voxels.firstIndex(where: \.isNaN) else { return }
        let (nx, ny) = (volume.grid.shape.x, volume.grid.shape.y)
        let count = volume.voxels.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
        throw .notANumber(count: count, first: SIMD3(first % nx, first / nx % ny, first / (nx * ny)))
    }
}

extension IndexMap {
    /// The map to the stored axes of a volume of `shape`, where this one leads to the reoriented ones.
    fileprivate func followed(by reorientation: Reorientation, storedShape shape: SIMD3<Int>) -> IndexMap {
        switch self {
        case .separable(let axes, let coordinates):
            var storedAxes = SIMD3<Int>.zero
            let stored = (0..<3).map { axis in
                storedAxes[axis] = reorientation.sourceAxes[axes[axis]]
                return coordinates[axis].map { reorientation.flip($0, axis: axes[axis], storedShape: shape) }
            }
            return .separable(axes: storedAxes, coordinates: stored)
        case .general(let map):
            return .general(reorientation.indexMap(storedShape: shape) * map)
        }
    }
}
