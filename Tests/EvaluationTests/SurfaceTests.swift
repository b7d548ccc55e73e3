import Evaluation
import Foundation
import MedicalImaging
import Testing

@Suite struct SurfaceTests {
    private func score(_ prediction: LabelMap, _ reference: LabelMap, tolerance: Double = 1) throws -> OrganScore {
        let settings = EvaluationSettings(labels: [1: "organ"], surfaceTolerance: tolerance)
        return try CaseEvaluation(name: "case", prediction: prediction, reference: reference, settings: settings).scores[0]
    }

    @Test func aMapEqualsItself() throws {
        let map = ball(radius: 6)
        let result = try score(map, map, tolerance: 0)
        #expect(result.dice == 1)
        #expect(result.hausdorff95 == 0)
        #expect(result.surfaceDice == 1)
    }

    @Test func exchangingTheTwoKeepsTheScores() throws {
        let (a, b) = (ball(radius: 5), ball(centre: SIMD3(11, 8, 7), radius: 6.5))
        let (forth, back) = (try score(a, b), try score(b, a))
        #expect(forth.dice == back.dice)
        #expect(forth.hausdorff95 == back.hausdorff95)
        #expect(forth.surfaceDice == back.surfaceDice)
    }

    /// A plate against the same plate moved along each axis: every element is as far as the shift in mm.
    @Test(arguments: [(SIMD3(1, 0, 0), 0.7), (SIMD3(0, 1, 0), 1.3), (SIMD3(0, 0, 1), 5.0)])
    func shiftedPlatesAreAsFarAsTheShift(step: SIMD3<Int>, expected: Double) throws {
        let grid = VoxelGrid(shape: SIMD3(9, 9, 9), affine: .diagonal(SIMD3(0.7, 1.3, 5)))
        var (a, b) = (LabelMap(grid: grid, repeating: 0), LabelMap(grid: grid, repeating: 0))
        let across = SIMD3(step.y + step.z == 0 ? 0 : 1, step.y == 0 ? 1 : 0, step.z == 0 ? 1 : 0)
        for k in 0..<9 {
            for j in 0..<9 {
                for i in 0..<9 {
                    let index = SIMD3(i, j, k)
                    let along = (index &* (1 &- across)).wrappedSum()
                    a[i, j, k] = along == 3 ? 1 : 0
                    b[i, j, k] = along == 4 ? 1 : 0
                }
            }
        }
        let result = try score(a, b, tolerance: expected)
        #expect(result.dice == 0)
        #expect(abs(result.hausdorff95 - expected) < 1e-5)
        #expect(result.surfaceDice == 1)
        #expect(try score(a, b, tolerance: expected * 0.99).surfaceDice == 0)
    }

    @Test func distancesAreThoseOfAllPairs() throws {
        for (seed, density) in [0.003, 0.02, 0.3, 0.9].enumerated() {
            for spacing in [SIMD3(1.0, 1, 1), SIMD3(0.7, 0.9, 5)] {
                let shape = SIMD3(11, 9, 13)
                var prediction = speckle(shape: shape, spacing: spacing, density: density, seed: UInt64(seed))
                var reference = speckle(shape: shape, spacing: spacing, density: density, seed: UInt64(seed) + 100)
                prediction[2, 3, 4] = 1
                reference[8, 8, 12] = 1
                let (forth, back) = naiveDistances(prediction, reference, label: 1)
                let result = try score(prediction, reference, tolerance: 1.5)
                let expected = max(percentile95(forth), percentile95(back))
                #expect(abs(result.hausdorff95 - expected) < 1e-5)
                let near = (forth + back).count { $0 <= 1.5 + 1e-5 }
                #expect(result.surfaceDice == Double(near) / Double(forth.count + back.count))
            }
        }
    }

    private func percentile95(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let rank = 0.95 * Double(sorted.count - 1)
        let low = Int(rank)
        return sorted[low] + (sorted[min(low + 1, sorted.count - 1)] - sorted[low]) * (rank - Double(low))
    }

    /// Computed with MONAI 1.6.1 (compute_hausdorff_distance, percentile 95, and compute_surface_dice, threshold 2 mm, both with spacing).
    @Test func ballsScoreAsInMONAI() throws {
        let spacing = SIMD3(0.8, 0.8, 2.5)
        let reference = ball(shape: SIMD3(40, 36, 20), spacing: spacing, centre: SIMD3(20, 18, 9), radius: 12)
        let prediction = ball(shape: SIMD3(40, 36, 20), spacing: spacing, centre: SIMD3(23, 17, 10), radius: 10)
        let result = try score(prediction, reference, tolerance: 2)
        #expect(abs(result.dice - golden.dice) < 1e-6)
        #expect(abs(result.hausdorff95 - golden.hausdorff95) < 1e-5)
        #expect(abs(result.surfaceDice - golden.surfaceDice) < 1e-6)
    }

    private let golden = (dice: 0.6892987, hausdorff95: 5.1264024, surfaceDice: 0.49588138)

    @Test func oneVoxelOrgansAndOneVoxelVolumesAreMeasured() throws {
        let grid = VoxelGrid(shape: SIMD3(1, 1, 1), affine: .diagonal(SIMD3(3, 3, 3)))
        let dot = LabelMap(grid: grid, repeating: 1)
        #expect(try score(dot, dot).hausdorff95 == 0)
        let line = VoxelGrid(shape: SIMD3(1, 1, 10), affine: .diagonal(SIMD3(1, 1, 2.5)))
        var (a, b) = (LabelMap(grid: line, repeating: 0), LabelMap(grid: line, repeating: 0))
        a[0, 0, 1] = 1
        b[0, 0, 9] = 1
        #expect(try score(a, b).hausdorff95 == 20)
    }
}
