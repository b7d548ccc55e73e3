extension NIfTIHeader {
    /// Sets both affines to `affine`: the sform exactly, the qform to the nearest rotation and scaling; unset codes become 1 (scanner).
    package mutating func place(_ affine: Affine) {
        if sformCode == 0 { sformCode = 1 }
        if qformCode == 0 { qformCode = 1 }
        sform = affine
        let norms = affine.columnNorms
        pixelDimensions[0] = affine.determinant < 0 ? -1 : 1
        for axis in 0..<3 { pixelDimensions[axis + 1] = norms[axis] }
        var directions = (0..<3).map { affine.columns[$0] / norms[$0] }
        if affine.determinant < 0 { directions[2] = -directions[2] }
        quaternion = Self.quaternion(of: Affine(columns: directions[0], directions[1], directions[2], translation: .zero).nearestRotation)
        quaternionOffset = affine.translation
    }

    /// The vector part of the unit quaternion with non-negative real part that rotates as `rotation` does.
    static func quaternion(of rotation: Affine) -> SIMD3<Double> {
        let diagonal = SIMD3(rotation[0, 0], rotation[1, 1], rotation[2, 2])
        // The four squared components, from the diagonal; the others follow from the largest, which is at least a quarter.
        let squares = [
            1 + diagonal.x + diagonal.y + diagonal.z, 1 + diagonal.x - diagonal.y - diagonal.z, 1 - diagonal.x + diagonal.y - diagonal.z,
            1 - diagonal.x - diagonal.y + diagonal.z,
        ]
        let antisymmetric = SIMD3(rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1])
        let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
        let root = max(squares[largest], 0).squareRoot()
        guard largest > 0 else { return antisymmetric / (2 * root) }
        let axis = largest - 1
        var vector = SIMD3<Double>.zero
        for other in 0..<3 { vector[other] = other == axis ? root / 2 : (rotation[other, axis] + rotation[axis, other]) / (2 * root) }
        return antisymmetric[axis] < 0 ? -vector : vector
    }
}

extension Affine {
    /// The orthogonal matrix nearest to the linear part (polar decomposition by Newton's iteration), without translation.
    package var nearestRotation: Affine {
        var matrix = Affine(columns: columns[0], columns[1], columns[2], translation: .zero)
        for _ in 0..<100 {
            guard let inverse = matrix.inverse else { break }
            let next = (0..<3).map { 0.5 * (matrix.columns[$0] + SIMD3(inverse[$0, 0], inverse[$0, 1], inverse[$0, 2])) }
            let change = (0..<3).map { norm(next[$0] - matrix.columns[$0]) }.max() ?? 0
            matrix = Affine(columns: next[0], next[1], next[2], translation: .zero)
            if change < 1e-15 { break }
        }
        return matrix
    }
}
