import MedicalImaging

/// A permutation and flipping of voxel axes that brings a grid to another orientation.
package struct Reorientation: Equatable, Sendable {
    /// For each new axis, the stored axis it runs along.
    package let sourceAxes: SIMD3<Int>
    /// For each new axis, whether it runs against the stored one.
    package let flipped: [Bool]

    /// Keeps the axes as they are.
    package static let none = Reorientation(sourceAxes: SIMD3(0, 1, 2), flipped: [false, false, false])

    /// From `stored` to `wanted`.
    package init(from stored: AxisOrientation, to wanted: AxisOrientation) {
        var axes = SIMD3<Int>.zero
        var flips = [false, false, false]
        for axis in 0..<3 {
            for source in 0..<3 where stored.axes[source] == wanted.axes[axis] {
                axes[axis] = source
                flips[axis] = stored.signs[source] != wanted.signs[axis]
            }
        }
        self.init(sourceAxes: axes, flipped: flips)
    }

    private init(sourceAxes: SIMD3<Int>, flipped: [Bool]) {
        self.sourceAxes = sourceAxes
        self.flipped = flipped
    }

    /// The grid in the new axes.
    package func applied(to grid: VoxelGrid) -> VoxelGrid {
        var origin = SIMD3<Double>.zero
        var columns: [SIMD3<Double>] = []
        var shape = SIMD3<Int>.zero
        for axis in 0..<3 {
            let source = sourceAxes[axis]
            shape[axis] = grid.shape[source]
            columns.append(flipped[axis] ? -grid.affine.columns[source] : grid.affine.columns[source])
            if flipped[axis] { origin[source] = Double(grid.shape[source] - 1) }
        }
        return VoxelGrid(shape: shape, affine: Affine(columns: columns[0], columns[1], columns[2], translation: grid.affine(origin)))
    }

    /// The index along the stored axis of the voxel that has `coordinate` along the new `axis`, in a stored grid of `shape`; and back, as a flip is
    /// its own inverse.
    package func flip(_ coordinate: Double, axis: Int, storedShape shape: SIMD3<Int>) -> Double {
        flipped[axis] ? Double(shape[sourceAxes[axis]] - 1) - coordinate : coordinate
    }

    /// New index → stored index, as an affine map for a stored grid of `shape`.
    package func indexMap(storedShape shape: SIMD3<Int>) -> Affine {
        var map = Affine.diagonal(.zero)
        for axis in 0..<3 {
            map[sourceAxes[axis], axis] = flipped[axis] ? -1 : 1
            map[sourceAxes[axis], 3] = flipped[axis] ? Double(shape[sourceAxes[axis]] - 1) : 0
        }
        return map
    }
}
