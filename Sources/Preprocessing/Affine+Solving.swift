import MedicalImaging

extension Affine {
    /// The map from the index space of `right` to that of `left`: left⁻¹ · right, or `nil` when `left` is singular.
    ///
    /// Gaussian elimination with partial pivoting that multiplies by reciprocal pivots, in the order of operations of the LAPACK behind
    /// numpy: where the size of a resampled volume hangs on the last bit (a quotient of exactly ½), both round the same way.
    static func solving(_ left: Affine, _ right: Affine) -> Affine? {
        guard left.isFinite, right.isFinite else { return nil }
        var matrix = (0..<3).map { row in (0..<3).map { left[row, $0] } }
        var values = (0..<3).map { row in (0..<4).map { $0 == 3 ? right[row, 3] - left[row, 3] : right[row, $0] } }
        for pivot in 0..<3 {
            guard let best = (pivot..<3).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }), matrix[best][pivot] != 0 else { return nil }
            matrix.swapAt(pivot, best)
            values.swapAt(pivot, best)
            let reciprocal = 1 / matrix[pivot][pivot]
            for row in pivot + 1..<3 {
                let factor = matrix[row][pivot] * reciprocal
                for column in pivot..<3 { matrix[row][column] -= factor * matrix[pivot][column] }
                for column in 0..<4 { values[row][column] -= factor * values[pivot][column] }
            }
        }
        for pivot in (0..<3).reversed() {
            let reciprocal = 1 / matrix[pivot][pivot]
            for column in 0..<4 {
                for row in pivot + 1..<3 { values[pivot][column] -= matrix[pivot][row] * values[row][column] }
                values[pivot][column] *= reciprocal
            }
        }
        let solution = Affine(rowMajor: values.flatMap { $0 })
        return solution.isFinite ? solution : nil
    }

    /// The affine with orthogonal columns of lengths `spacing` and no translation whose directions come from this one; shear is removed by keeping
    /// the first column's direction, the plane of the first two, and so on. `nil` when singular.
    ///
    /// Cholesky factor of the Gram matrix, as in MONAI 1.6.1 `zoom_affine`.
    func rescaled(to spacing: SIMD3<Double>) -> Affine? {
        let c = columns
        let z00 = dot(c[0], c[0]).squareRoot()
        let z01 = dot(c[0], c[1]) / z00
        let z02 = dot(c[0], c[2]) / z00
        let z11 = (dot(c[1], c[1]) - z01 * z01).squareRoot()
        let z12 = (dot(c[1], c[2]) - z01 * z02) / z11
        let z22 = (dot(c[2], c[2]) - z02 * z02 - z12 * z12).squareRoot()
        let r0 = c[0] * (1 / z00)
        let r1 = (c[1] - r0 * z01) * (1 / z11)
        let r2 = (c[2] - r0 * z02 - r1 * z12) * (1 / z22)
        let result = Affine(columns: r0 * spacing.x, r1 * spacing.y, r2 * spacing.z, translation: .zero)
        return result.isFinite ? result : nil
    }

    /// Whether resampling from one grid to the other would change nothing to speak of: either the affines or the index map agree entry by entry
    /// within 10⁻³ (MONAI 1.6.1 `AFFINE_TOL` with the relative 10⁻⁵ of `allclose`).
    static func agree(_ source: Affine, _ target: Affine, indexMap: Affine) -> Bool {
        func close(_ a: Affine, _ b: Affine) -> Bool { zip(a.rowMajor, b.rowMajor).allSatisfy { abs($0 - $1) <= 1e-3 + 1e-5 * abs($1) } }
        return close(source, target) || close(indexMap, .identity)
    }
}
