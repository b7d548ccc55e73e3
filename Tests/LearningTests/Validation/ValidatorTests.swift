import Evaluation
import Learning
import MedicalImaging
import Preprocessing
import Segmentation
import Testing

/// Says liver (6) where the windowed intensity is above ½, else background; of 14 channels.
private struct Threshold: WindowPredictor {
    let channelCount = 14
    let windowShape = SIMD3(16, 16, 16)

    func predict(_ windows: [Float], count: Int) -> [Float] {
        let size = 16 * 16 * 16
        var logits = [Float](repeating: -5, count: count * 14 * size)
        for window in 0..<count {
            for voxel in 0..<size { logits[(window * 14 + (windows[window * size + voxel] > 0.5 ? 6 : 0)) * size + voxel] = 5 }
        }
        return logits
    }
}

@Suite struct ValidatorTests {
    /// A bright box in air, stored from left to right and from front to back at 1 × 1 × 2 mm; its left half is labelled liver when `half`.
    private func makeCase(half: Bool = false, spacing: [Double] = [1, 1, 2]) throws -> ValidationCase {
        let affine = Affine(columns: SIMD3(-1, 0, 0), SIMD3(0, -1, 0), SIMD3(0, 0, 2), translation: SIMD3(50, 20, -7))
        let grid = VoxelGrid(shape: SIMD3(30, 26, 20), affine: affine)
        var image = Volume<Float>(grid: grid, repeating: -200)
        var labels = LabelMap(grid: grid, repeating: 0)
        for k in 4..<16 {
            for j in 5..<21 {
                for i in 6..<26 {
                    image[i, j, k] = 200
                    if !half || i < 16 { labels[i, j, k] = Organ.liver.rawValue }
                }
            }
        }
        var recipe = PreprocessingRecipe.abdominalCT
        recipe.spacing = spacing
        return try ValidationCase(name: "box", image: image, labels: labels, labelled: Set(1...13), recipe: recipe)
    }

    private var validator: Validator {
        var options = ValidationOptions()
        options.spaces = [.resampled, .original]
        return Validator(predictor: Threshold(), labelNames: EvaluationSettings.organs, options: options)
    }

    @Test func bothGridsAreScoredFromOnePass() throws {
        var windows: [Int] = []
        let scores = try validator.evaluate(makeCase()) { done, _ in windows.append(done) }
        #expect(scores.count == 2)
        for score in scores {
            #expect(score.meanDice == 1)
            #expect(score.backgroundDice == 1 || score.backgroundDice.isNaN, "the foreground is the box, so that nothing else may remain")
        }
        // The foreground crop leaves 20 × 16 × 12 voxels: two windows.
        #expect(windows.max() == 2)
    }

    @Test func halfAnOrganScoresTwoThirdsOnEitherGrid() throws {
        for score in try validator.evaluate(makeCase(half: true)) { #expect(abs(score.meanDice - 2.0 / 3) < 1e-12) }
    }

    @Test func aCoarserGridScoresOtherwiseThanTheFiles() throws {
        let scores = try validator.evaluate(makeCase(half: true, spacing: [3, 3, 3]))
        #expect(scores[0].scores.first { $0.label == 6 }!.referenceVoxels < 700)
        #expect(scores[1].scores.first { $0.label == 6 }!.referenceVoxels == 10 * 16 * 12)
    }

    @Test func theOriginalGridAgreesWithSegment() throws {
        let affine = Affine(columns: SIMD3(-1.3, 0.01, 0), SIMD3(0.01, -1.1, 0), SIMD3(0, 0, 2.2), translation: SIMD3(50, 20, -7))
        var image = Volume<Float>(grid: VoxelGrid(shape: SIMD3(30, 26, 20), affine: affine), repeating: -100)
        for index in image.voxels.indices { image.voxels[index] = Float((index * 7919) % 500 - 200) }
        var labels = LabelMap(grid: image.grid, repeating: 0)
        labels.voxels = image.voxels.map { $0 > 60 ? 6 : 0 }
        let subject = try ValidationCase(name: "noise", image: image, labels: labels, labelled: Set(1...13), recipe: .abdominalCT)
        var options = SegmentationOptions()
        (options.blending, options.skipsBackgroundWindows) = (.constant, false)
        let segmented = try Segmenter(predictor: Threshold(), recipe: .abdominalCT, options: options).segment(image).labels
        let expected = try CaseEvaluation(
            name: "noise", prediction: segmented, reference: labels, settings: EvaluationSettings(measuresSurfaces: false))
        let found = try validator.evaluate(subject)[1]
        #expect(found.scores.map(\.predictedVoxels) == expected.scores.map(\.predictedVoxels))
        #expect(found.scores.map(\.sharedVoxels) == expected.scores.map(\.sharedVoxels))
        #expect(found.meanDice == expected.meanDice)
    }

    @Test func undrawnOrgansAreNotScored() throws {
        let grid = VoxelGrid(shape: SIMD3(16, 16, 16), affine: .identity)
        let image = Volume<Float>(grid: grid, repeating: 200)
        let subject = try ValidationCase(
            name: "partial", image: image, labels: LabelMap(grid: grid, repeating: 1), labelled: [1, 2], recipe: .abdominalCT)
        #expect(try validator.evaluate(subject)[0].scores.map(\.label) == [1, 2])
        #expect(throws: LearningError.self) {
            try ValidationCase(name: "stray", image: image, labels: LabelMap(grid: grid, repeating: 5), labelled: [1, 2], recipe: .abdominalCT)
        }
    }

    @Test func meansAreNamedByWhatTheyHold() throws {
        let score = try validator.evaluate(makeCase())
        let tables = [ValidationResult.Table(space: .resampled, table: EvaluationTable(cases: [score[0]]))]
        let result = ValidationResult(tables, organCount: 13)
        #expect(result.figures.map(\.name) == ["resampled.meanDice13Organs", "resampled.meanDice14ClassesWithBackground"])
        #expect(result.score == 1)
    }

    /// The published script averages running means: with 2 cases the first counts ¾ (specification §3.6).
    @Test func theRunningMeanFavoursEarlyCases() throws {
        let good = try validator.evaluate(makeCase())[1]
        let bad = try validator.evaluate(makeCase(half: true))[1]
        let (a, b) = (good.meanDiceWithBackground, bad.meanDiceWithBackground)
        #expect(abs(ValidationResult.runningMeanDice(EvaluationTable(cases: [good, bad])) - (0.75 * a + 0.25 * b)) < 1e-12)
        #expect(ValidationResult.runningMeanDice(EvaluationTable(cases: [])).isNaN)
    }
}
