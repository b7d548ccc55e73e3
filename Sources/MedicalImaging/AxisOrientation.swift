/// Which patient direction each voxel axis runs along, as a three-letter code says it: in `RAS`, i runs to the right, j to the
/// front (anterior) and k to the head (superior). There are 48 orientations.
public struct AxisOrientation: Sendable, Hashable, CustomStringConvertible {
    /// For each voxel axis, the patient axis it runs along: 0 left–right, 1 posterior–anterior, 2 inferior–superior. A permutation.
    public let axes: SIMD3<Int>
    /// For each voxel axis, +1 when it runs to the right, front or head and −1 when it runs the other way.
    public let signs: SIMD3<Int>

    /// - Precondition: `axes` is a permutation of 0, 1, 2 and `signs` holds ±1.
    public init(axes: SIMD3<Int>, signs: SIMD3<Int>) {
        precondition(Set([axes.x, axes.y, axes.z]) == [0, 1, 2], "axes must be a permutation of 0, 1, 2, not \(axes)")
        precondition((0..<3).allSatisfy { abs(signs[$0]) == 1 }, "signs must be +1 or −1, not \(signs)")
        self.axes = axes
        self.signs = signs
    }

    /// The orientation that a code such as `RAS`, `LPS` or `PIR` stands for (upper or lower case), or `nil` when it is none: three
    /// letters, one each of R/L, A/P and S/I.
    public init?(code: String) {
        let letters = Array(code.uppercased())
        guard letters.count == 3 else { return nil }
        var axes = SIMD3<Int>(repeating: -1)
        var signs = SIMD3<Int>(repeating: 1)
        for (axis, letter) in letters.enumerated() {
            guard let position = Self.letters.firstIndex(of: letter) else { return nil }
            axes[axis] = position / 2
            signs[axis] = position % 2 == 0 ? 1 : -1
        }
        guard Set([axes.x, axes.y, axes.z]).count == 3 else { return nil }
        self.init(axes: axes, signs: signs)
    }

    /// The orientation nearest to `affine`, or `nil` when its linear part is singular or not finite.
    ///
    /// Follows nibabel 5.4 `io_orientation`: the columns are normalised, the nearest orthogonal matrix is taken (polar
    /// decomposition, here by Newton's iteration instead of an SVD), and voxel axes choose their patient axis from the most to the
    /// least decided one.
    public init?(of affine: Affine) {
        let norms = affine.columnNorms
        guard affine.isFinite, norms.min() > 0, let rotation = Self.nearestOrthogonal(to: (0..<3).map { affine.columns[$0] / norms[$0] }) else {
            return nil
        }
        let strength = rotation.map { ($0 * $0).max() }
        let order = (0..<3).sorted { strength[$0] != strength[$1] ? strength[$0] > strength[$1] : $0 < $1 }
        var axes = SIMD3<Int>(repeating: -1)
        var signs = SIMD3<Int>(repeating: 1)
        var free = [0, 1, 2]
        for axis in order {
            guard let chosen = free.max(by: { abs(rotation[axis][$0]) < abs(rotation[axis][$1]) }) else { return nil }
            axes[axis] = chosen
            signs[axis] = rotation[axis][chosen] < 0 ? -1 : 1
            free.removeAll { $0 == chosen }
        }
        self.init(axes: axes, signs: signs)
    }

    /// The three-letter code.
    public var code: String { String((0..<3).map { Self.letters[2 * axes[$0] + (signs[$0] > 0 ? 0 : 1)] }) }
    public var description: String { code }

    /// Right, anterior, superior.
    public static let ras = AxisOrientation(axes: SIMD3(0, 1, 2), signs: SIMD3(1, 1, 1))

    /// All 48 orientations, in a fixed order.
    public static let all: [AxisOrientation] = {
        let permutations = [SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0)]
        return permutations.flatMap { axes in
            (0..<8).map { bits in AxisOrientation(axes: axes, signs: SIMD3(bits & 1 == 0 ? 1 : -1, bits & 2 == 0 ? 1 : -1, bits & 4 == 0 ? 1 : -1)) }
        }
    }()

    private static let letters: [Character] = ["R", "L", "A", "P", "S", "I"]

    /// The orthogonal matrix nearest to the one with these columns: the fixed point of R ← (R + R⁻ᵀ)/2.
    private static func nearestOrthogonal(to columns: [SIMD3<Double>]) -> [SIMD3<Double>]? {
        var matrix = Affine(columns: columns[0], columns[1], columns[2], translation: .zero)
        for _ in 0..<100 {
            guard let inverse = matrix.inverse else { return nil }
            let transposed = (0..<3).map { row in SIMD3(inverse[row, 0], inverse[row, 1], inverse[row, 2]) }
            let next = (0..<3).map { 0.5 * (matrix.columns[$0] + transposed[$0]) }
            let change = (0..<3).map { norm(next[$0] - matrix.columns[$0]) }.max() ?? 0
            matrix = Affine(columns: next[0], next[1], next[2], translation: .zero)
            if change < 1e-15 { break }
        }
        return matrix.isFinite ? matrix.columns : nil
    }
}

extension VoxelGrid {
    /// The orientation of the voxel axes, or `nil` when the affine is singular or not finite.
    public var orientation: AxisOrientation? { AxisOrientation(of: affine) }
}
