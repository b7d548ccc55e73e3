import Evaluation
import Foundation
import MedicalImaging
import Testing

@Suite struct AbsentOrganTests {
    private let grid = VoxelGrid(shape: SIMD3(8, 8, 8), affine: .diagonal(SIMD3(2, 2, 2)))

    /// Organ 1 in both, 2 in the reference alone, 3 in the prediction alone, 4 in neither.
    private func evaluation() throws -> CaseEvaluation {
        var (reference, prediction) = (LabelMap(grid: grid, repeating: 0), LabelMap(grid: grid, repeating: 0))
        for i in 0..<4 {
            reference[i, 0, 0] = 1
            prediction[i, 0, 0] = i < 2 ? 1 : 0
            reference[i, 4, 4] = 2
            prediction[i, 7, 7] = 3
        }
        return try CaseEvaluation(
            name: "case", prediction: prediction, reference: reference, settings: EvaluationSettings(labels: [1: "a", 2: "b", 3: "c", 4: "d"]))
    }

    @Test func presenceIsTold() throws {
        #expect(try evaluation().scores.map(\.presence) == [.both, .referenceOnly, .predictionOnly, .neither])
    }

    @Test func missedOrgansScoreZeroAndInfinite() throws {
        let missed = try evaluation().scores[1]
        #expect(missed.dice == 0)
        #expect(missed.surfaceDice == 0)
        #expect(missed.hausdorff95 == .infinity)
    }

    @Test func organsAbsentFromTheReferenceAreUndefinedButCounted() throws {
        let scores = try evaluation().scores
        #expect(scores[2].dice.isNaN && scores[2].surfaceDice.isNaN && scores[2].hausdorff95.isNaN)
        #expect(scores[2].predictedVoxels == 4)
        #expect(abs(scores[2].predictedVolume - 4 * 8 / 1000.0) < 1e-12)
        #expect(scores[3].dice.isNaN)
    }

    @Test func meansLeaveUndefinedScoresOutAndKeepBackgroundApart() throws {
        let result = try evaluation()
        let first = 2.0 * 2 / (4 + 2)
        #expect(abs(result.meanDice - (first + 0) / 2) < 1e-12)
        #expect(abs(result.meanDiceWithBackground - (first + 0 + result.backgroundDice) / 3) < 1e-12)
        #expect(result.backgroundDice > 0.97 && result.backgroundDice < 1)
    }

    @Test func emptyMapsHaveNoMean() throws {
        let empty = LabelMap(grid: grid, repeating: 0)
        let result = try CaseEvaluation(name: "empty", prediction: empty, reference: empty)
        #expect(result.meanDice.isNaN)
        #expect(result.backgroundDice == 1)
        #expect(result.scores.count == 13)
    }

    @Test func labelsNobodyAskedForAreReported() throws {
        var map = LabelMap(grid: grid, repeating: 0)
        map[1, 1, 1] = 77
        let result = try CaseEvaluation(name: "case", prediction: map, reference: LabelMap(grid: grid, repeating: 0))
        #expect(result.unknownLabels == [77: 1])
    }

    @Test func differentGridsAreRefusedNamingBoth() {
        let empty = LabelMap(grid: grid, repeating: 0)
        let others = [
            VoxelGrid(shape: SIMD3(8, 8, 9), affine: grid.affine), VoxelGrid(shape: grid.shape, affine: .diagonal(SIMD3(2, 2, 2.1))),
            VoxelGrid(shape: grid.shape, affine: .diagonal(SIMD3(2, 2, 2), translation: SIMD3(0.5, 0, 0))),
            VoxelGrid(shape: grid.shape, affine: .diagonal(SIMD3(2, -2, 2))), VoxelGrid(shape: grid.shape, affine: .diagonal(SIMD3(2, .nan, 2))),
        ]
        for other in others {
            #expect(throws: EvaluationError.self) {
                try CaseEvaluation(name: "", prediction: LabelMap(grid: other, repeating: 0), reference: empty)
            }
        }
        let message = "\(EvaluationError.gridMismatch(expected: grid, found: others[0]))"
        #expect(message.contains("8 × 8 × 8") && message.contains("8 × 8 × 9"))
    }

    @Test func roundingOfAnAffineIsNoOtherGrid() throws {
        let rounded = VoxelGrid(shape: grid.shape, affine: .diagonal(SIMD3(2.0001, 2, 2), translation: SIMD3(0.001, 0, 0)))
        let result = try CaseEvaluation(name: "", prediction: LabelMap(grid: rounded, repeating: 0), reference: LabelMap(grid: grid, repeating: 0))
        #expect(result.backgroundDice == 1)
    }

    @Test(arguments: [-1, .nan, .infinity])
    func meaninglessTolerancesAreRefused(tolerance: Double) {
        let empty = LabelMap(grid: grid, repeating: 0)
        #expect(throws: EvaluationError.self) {
            try CaseEvaluation(name: "", prediction: empty, reference: empty, settings: EvaluationSettings(surfaceTolerance: tolerance))
        }
    }
}
