import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct NIfTIGeometryTests {
    @Test func affineChoiceFollowsTheCodes() throws {
        var header = NIfTIFixture().header
        let shifted = header.quaternionOffset + SIMD3(1, 2, 3)
        header.quaternionOffset = shifted
        #expect(try header.affine().affine == header.sform)
        #expect(try header.affine().warnings.contains { $0.message.contains("disagree by up to") })
        header.sformCode = 0
        #expect(try header.affine().affine == header.qform())
        #expect(try header.qform().translation == shifted)
        header.qformCode = 0
        // nibabel: no code, spacing only, the first axis to the left, the centre at the origin.
        header.pixelDimensions = [1, 2, 3, 4, 1, 1, 1, 1]
        #expect(try header.affine().affine == Affine.diagonal(SIMD3(-2, 3, 4), translation: SIMD3(3, -3, -2)))
    }

    @Test func contradictingSpacingGivesWayToTheQform() throws {
        var header = NIfTIFixture().header
        header.sform = .diagonal(SIMD3(5, 5, 5))
        let (affine, warnings) = try header.affine()
        #expect(affine == (try header.qform().roundedToFloat))
        #expect(warnings.contains { $0.kind == .geometry && $0.message.contains("5.0 × 5.0 × 5.0") })
    }

    @Test func quaternionOfNibabel() throws {
        // nibabel 5.4: set_qform of a rotation by 10°, 20°, 30° about x, y, z with zooms 0.7, 0.8, 3.1.
        var header = NIfTIHeader()
        header.qformCode = 1
        header.pixelDimensions = [1, Double(Float(0.7)), Double(Float(0.8)), Double(Float(3.1)), 1, 1, 1, 1]
        header.quaternion = SIMD3(Double(Float(0.03813457489013672)), Double(Float(0.18930785357952118)), Double(Float(0.23929834365844727)))
        let expected = [0.5696584, -0.3527757, 1.1734191, 0.3288924, 0.7060513, 0.05588777, -0.2394141, 0.13054073, 2.8687913]
        let found = try header.qform()
        for row in 0..<3 { for column in 0..<3 { #expect(abs(found[row, column] - expected[3 * row + column]) < 5e-7) } }
        header.quaternion = SIMD3(1, 1, 0)
        #expect(throws: NIfTIHeader.GeometryFailure.self) { try header.qform() }
    }

    @Test(arguments: 0..<64)
    func placingAnAffineKeepsItsNearestRotation(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        // A rotation from a random unit quaternion, spacing and handedness; both forms must then agree.
        var q = (0..<4).map { _ in Double.random(in: -1...1, using: &generator) }
        if seed < 3 { q = [0, seed == 0 ? 1 : 0, seed == 1 ? 1 : 0, seed == 2 ? 1 : 0] }
        let length = q.map { $0 * $0 }.reduce(0, +).squareRoot()
        let (w, x, y, z) = (q[0] / length, q[1] / length, q[2] / length, q[3] / length)
        let scale = SIMD3(0.7, 0.9, seed % 2 == 0 ? 3 : -3)
        let affine = Affine(
            columns: scale.x * SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
            scale.y * SIMD3(2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
            scale.z * SIMD3(2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), translation: SIMD3(1, 2, 3))
        var header = NIfTIHeader()
        header.version = 2
        header.place(affine)
        let qform = try header.qform()
        for (found, expected) in zip(qform.rowMajor, affine.rowMajor) { #expect(abs(found - expected) < 1e-6) }
    }
}

/// A small generator with a seed (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
