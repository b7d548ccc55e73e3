/// A 4×4 affine transform from voxel indices (i, j, k) to patient coordinates in mm (RAS+: right, anterior, superior),
/// or any other affine map of 3-D points. Row-major, Double; the last row is always (0, 0, 0, 1).
public struct Affine: Sendable, Equatable, Codable {
    /// The linear part, as three columns: column `c` is the image of the unit step along voxel axis `c`, in mm.
    public var columns: [SIMD3<Double>]
    /// The image of the origin, in mm.
    public var translation: SIMD3<Double>

    /// An affine from the three columns of its linear part and its translation.
    public init(columns c0: SIMD3<Double>, _ c1: SIMD3<Double>, _ c2: SIMD3<Double>, translation: SIMD3<Double>) {
        columns = [c0, c1, c2]
        self.translation = translation
    }

    /// The identity.
    public static var identity: Affine { .diagonal(SIMD3(1, 1, 1)) }

    /// A diagonal scaling followed by a translation.
    public static func diagonal(_ scale: SIMD3<Double>, translation: SIMD3<Double> = .zero) -> Affine {
        Affine(columns: SIMD3(scale.x, 0, 0), SIMD3(0, scale.y, 0), SIMD3(0, 0, scale.z), translation: translation)
    }

    /// An affine from the twelve numbers of its first three rows, row-major.
    /// - Precondition: `rows.count == 12`.
    public init(rowMajor rows: [Double]) {
        precondition(rows.count == 12, "an affine takes 12 numbers, three rows of four")
        self.init(
            columns: SIMD3(rows[0], rows[4], rows[8]), SIMD3(rows[1], rows[5], rows[9]), SIMD3(rows[2], rows[6], rows[10]),
            translation: SIMD3(rows[3], rows[7], rows[11]))
    }

    /// The first three rows, row-major: twelve numbers.
    public var rowMajor: [Double] { (0..<3).flatMap { row in (0..<4).map { self[row, $0] } } }

    /// The entry at `row` (0–2) and `column` (0–3; 3 is the translation).
    public subscript(row: Int, column: Int) -> Double {
        get { column == 3 ? translation[row] : columns[column][row] }
        set { if column == 3 { translation[row] = newValue } else { columns[column][row] = newValue } }
    }

    /// The image of `point`.
    public func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> { linear(point) + translation }

    /// The image of a direction (the linear part alone).
    public func linear(_ v: SIMD3<Double>) -> SIMD3<Double> { columns[0] * v.x + columns[1] * v.y + columns[2] * v.z }

    /// The composition: first `right`, then `left`.
    public static func * (left: Affine, right: Affine) -> Affine {
        Affine(
            columns: left.linear(right.columns[0]), left.linear(right.columns[1]), left.linear(right.columns[2]), translation: left(right.translation)
        )
    }

    /// The determinant of the linear part; its sign tells the handedness, its magnitude the voxel volume in mm³.
    public var determinant: Double { dot(columns[0], cross(columns[1], columns[2])) }

    /// The inverse, or `nil` when the linear part is singular or not finite.
    public var inverse: Affine? {
        let d = determinant
        guard d.isFinite, abs(d) > 1e-30 else { return nil }
        let r0 = cross(columns[1], columns[2]) / d
        let r1 = cross(columns[2], columns[0]) / d
        let r2 = cross(columns[0], columns[1]) / d
        let inverted = Affine(
            columns: SIMD3(r0.x, r1.x, r2.x), SIMD3(r0.y, r1.y, r2.y), SIMD3(r0.z, r1.z, r2.z), translation: .zero)
        return Affine(columns: inverted.columns[0], inverted.columns[1], inverted.columns[2], translation: -inverted.linear(translation))
    }

    /// The lengths of the three columns: the voxel spacing in mm along each voxel axis.
    public var columnNorms: SIMD3<Double> { SIMD3(norm(columns[0]), norm(columns[1]), norm(columns[2])) }

    /// Whether every entry is finite.
    public var isFinite: Bool { rowMajor.allSatisfy(\.isFinite) }

    /// What is wrong with an affine that places no voxels, in words that follow "is damaged:".
    var fault: String { isFinite ? "its affine cannot be inverted: \(rowMajor)" : "its affine holds what is no finite number: \(rowMajor)" }
}

/// The scalar product of two 3-vectors.
package func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

/// The cross product of two 3-vectors.
package func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The Euclidean length of a 3-vector.
package func norm(_ v: SIMD3<Double>) -> Double { dot(v, v).squareRoot() }
