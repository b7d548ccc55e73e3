import MedicalImaging

extension Volume {
    /// The same volume with its axes permuted and flipped so that i runs nearest to right, j to anterior, k to superior.
    /// Positions in the patient are unchanged; nothing is interpolated.
    func canonicallyOrdered() -> Volume {
        // axes[r] is the voxel axis that runs along patient axis r: the best of the six permutations.
        let columns = grid.affine.columns.map { $0 / max(norm($0), 1e-12) }
        let permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        func alignment(_ axes: [Int]) -> Double { (0..<3).reduce(0) { $0 + abs(columns[axes[$1]][$1]) } }
        let axes = permutations.max { alignment($0) < alignment($1) }!
        let flips = (0..<3).map { columns[axes[$0]][$0] < 0 }
        let old = grid.shape
        let oldStrides = [1, old.x, old.x * old.y]
        let shape = SIMD3(old[axes[0]], old[axes[1]], old[axes[2]])
        let strides = (0..<3).map { flips[$0] ? -oldStrides[axes[$0]] : oldStrides[axes[$0]] }
        var start = 0
        var corner = SIMD3<Double>.zero
        for r in 0..<3 where flips[r] {
            start += (shape[r] - 1) * oldStrides[axes[r]]
            corner[axes[r]] = Double(shape[r] - 1)
        }
        let steps = (0..<3).map { grid.affine.columns[axes[$0]] * (flips[$0] ? -1 : 1) }
        let affine = Affine(columns: steps[0], steps[1], steps[2], translation: grid.affine(corner))
        var reordered = [Scalar]()
        reordered.reserveCapacity(grid.count)
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                var source = start + k * strides[2] + j * strides[1]
                for _ in 0..<shape.x {
                    reordered.append(voxels[source])
                    source += strides[0]
                }
            }
        }
        return Volume(grid: VoxelGrid(shape: shape, affine: affine), voxels: reordered)
    }
}
