import MedicalImaging

/// Which place of a source volume each voxel of a target volume is read from.
package enum IndexMap: Sendable {
    /// Along target axis `a`, index `i` reads the coordinate `coordinates[a][i]` along source axis `axes[a]`.
    case separable(axes: SIMD3<Int>, coordinates: [[Double]])
    /// Target index → source index.
    case general(Affine)

    /// An affine map, taken apart into its axes when over a target of `shape` the rest moves no voxel by more than `tolerance` voxels.
    package init(_ map: Affine, shape: SIMD3<Int>, tolerance: Double) {
        guard let axes = Self.axes(of: map, shape: shape, tolerance: tolerance) else {
            self = .general(map)
            return
        }
        let coordinates = (0..<3).map { axis in
            (0..<shape[axis]).map { map[axes[axis], axis] * Double($0) + map[axes[axis], 3] }
        }
        self = .separable(axes: axes, coordinates: coordinates)
    }

    /// For each target axis the one source axis it runs along, or `nil` when the axes mix.
    private static func axes(of map: Affine, shape: SIMD3<Int>, tolerance: Double) -> SIMD3<Int>? {
        var axes = SIMD3<Int>.zero
        for axis in 0..<3 {
            let column = map.columns[axis]
            axes[axis] = (0..<3).max { abs(column[$0]) < abs(column[$1]) } ?? 0
        }
        guard Set([axes.x, axes.y, axes.z]).count == 3 else { return nil }
        var displacement = SIMD3<Double>.zero
        for axis in 0..<3 {
            for row in 0..<3 where row != axes[axis] { displacement[row] += abs(map[row, axis]) * Double(shape[axis] - 1) }
        }
        return displacement.max() <= tolerance ? axes : nil
    }

    /// The map with coordinates rounded half to even; a general map stays as it is.
    package func rounded() -> IndexMap {
        guard case .separable(let axes, let coordinates) = self else { return self }
        return .separable(axes: axes, coordinates: coordinates.map { $0.map { $0.rounded(.toNearestOrEven) } })
    }

    /// Whether each voxel reads the one of its own index, in a volume of `shape`.
    package func isIdentity(on shape: SIMD3<Int>) -> Bool {
        guard case .separable(let axes, let coordinates) = self, axes == SIMD3(0, 1, 2) else { return false }
        return (0..<3).allSatisfy { axis in
            coordinates[axis].count == shape[axis] && coordinates[axis].enumerated().allSatisfy { Double($0.offset) == $0.element }
        }
    }
}
