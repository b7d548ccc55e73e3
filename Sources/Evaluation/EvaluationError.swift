import MedicalImaging

/// Why two label maps could not be compared.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The two lie on different grids.
    case gridMismatch(expected: VoxelGrid, found: VoxelGrid)
    /// A tolerance that is negative or not finite.
    case invalidTolerance(Double)

    public var description: String {
        switch self {
        case .gridMismatch(let expected, let found):
            "the volumes lie on different grids: expected \(describe(expected)), found \(describe(found)); resample one onto the other's grid first"
        case .invalidTolerance(let value):
            "the tolerance of the surface Dice is \(value) mm, but it must be a finite number of mm, at least 0"
        }
    }
}

/// A grid as it is printed.
private func describe(_ grid: VoxelGrid) -> String {
    let rows = (0..<3).map { row in "[" + (0..<4).map { "\(grid.affine[row, $0])" }.joined(separator: ", ") + "]" }
    return "\(grid.shape.x) × \(grid.shape.y) × \(grid.shape.z) voxels with affine \(rows.joined(separator: " "))"
}

extension VoxelGrid {
    /// Throws unless `other` has the same shape and places every voxel less than a tenth of a voxel from where this grid does.
    func requireMatch(_ other: VoxelGrid) throws(EvaluationError) {
        guard shape == other.shape, coincides(with: other) else { throw .gridMismatch(expected: self, found: other) }
    }
}
