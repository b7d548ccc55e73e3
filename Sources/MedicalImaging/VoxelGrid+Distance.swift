extension VoxelGrid {
    /// The greatest distance in mm between the corners of two grids of one shape.
    package func greatestDistance(to other: VoxelGrid) -> Double {
        var greatest = 0.0
        for corner in 0..<8 {
            let index = SIMD3((0..<3).map { corner >> $0 & 1 == 1 ? Double(shape[$0] - 1) : 0 })
            let difference = affine(index) - other.affine(index)
            greatest = max(greatest, (difference * difference).sum().squareRoot())
        }
        return greatest
    }
}
