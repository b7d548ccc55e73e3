extension VoxelGrid {
    /// The greatest distance in mm between the corners of two grids of one shape; infinite where either has no place.
    package func greatestDistance(to other: VoxelGrid) -> Double {
        var greatest = 0.0
        for corner in 0..<8 {
            let index = SIMD3((0..<3).map { corner >> $0 & 1 == 1 ? Double(shape[$0] - 1) : 0 })
            let difference = affine(index) - other.affine(index)
            let distance = (difference * difference).sum().squareRoot()
            greatest = max(greatest, distance.isNaN ? .infinity : distance)
        }
        return greatest
    }

    /// Whether two grids of one shape are the same for the purpose of comparing voxels: less than a tenth of a voxel apart, which is far above what
    /// single precision in a header costs and far below what shifts a mask.
    package func coincides(with other: VoxelGrid) -> Bool { greatestDistance(to: other) < 0.1 * spacing.min() }
}
