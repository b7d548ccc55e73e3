import Foundation
import MedicalImaging
import Preprocessing
import Segmentation
import Testing

/// Whole segmentations, from a volume in HU to labels on its grid.
@Suite struct SegmenterTests {
    /// A volume of smooth hills between −600 and 600 HU.
    static func volume(_ shape: SIMD3<Int>, _ affine: Affine) -> Volume<Float> {
        let grid = VoxelGrid(shape: shape, affine: affine)
        return Volume(
            grid: grid,
            voxels: (0..<grid.count).map { index in
                let (i, j, k) = (index % shape.x, index / shape.x % shape.y, index / shape.x / shape.y)
                return Float(600 * sin(0.31 * Double(i) + 0.2) * cos(0.27 * Double(j)) * sin(0.4 * Double(k) + 0.7))
            })
    }

    static let affines: [String: Affine] = [
        "RAS": .diagonal(SIMD3(0.8, 0.9, 2.5), translation: SIMD3(-10, 4, 7)),
        "LPS": .diagonal(SIMD3(-0.8, -0.8, 3)),
        "PIR": Affine(columns: SIMD3(0, -1.1, 0), SIMD3(0, 0, -0.9), SIMD3(2.2, 0, 0), translation: SIMD3(3, 2, 1)),
        "AIL": Affine(columns: SIMD3(0, 1.1, 0), SIMD3(0, 0, -0.9), SIMD3(-2.2, 0, 0), translation: SIMD3(3, 2, 1)),
        "oblique": Affine(columns: SIMD3(0.97, 0.17, 0.1), SIMD3(-0.18, 0.98, 0.02), SIMD3(-0.3, -0.1, 2.9), translation: .zero),
        "sheared": Affine(columns: SIMD3(-0.9, 0, 0), SIMD3(0, 0.9, 0), SIMD3(0, 1.2, 3), translation: SIMD3(1, 2, 3)),
    ]

    static var recipes: [PreprocessingRecipe] {
        var padded = PreprocessingRecipe.abdominalCT
        padded.minimumShape = [9, 24, 30]
        let native = PreprocessingRecipe(intensity: IntensityWindow(lower: -175, upper: 250))
        let scaled = PreprocessingRecipe(
            orientation: "SAR", spacing: [2, 1.7, 1.9], intensity: IntensityWindow(lower: -600, upper: 600), cropsForeground: true)
        return [.abdominalCT, padded, native, scaled]
    }

    /// The definition: all probabilities of the processed volume, then the inverse map voxel by voxel.
    private func naive(_ volume: Volume<Float>, recipe: PreprocessingRecipe, predictor: any WindowPredictor, options: SegmentationOptions) throws -> (
        labels: LabelMap, certain: [Bool]
    ) {
        let processed = try recipe.apply(to: volume)
        let shape = processed.volume.grid.shape
        let plan = try WindowPlan(shape: shape, window: predictor.windowShape, overlap: options.overlap)
        let reference = NaiveSegmentation(predictor: predictor, plan: plan, blending: options.blending)
        let probabilities = try reference.probabilities(of: processed.volume).map { $0.map(Float.init) }
        let labels = processed.inverse.naiveLabels(probabilities: probabilities.flatMap { $0 }, channelCount: predictor.channelCount)
        // Doubtful voxels are those that change when one class is favoured a little.
        let favoured = (0..<2).map { side in
            probabilities.enumerated().flatMap { channel, plane in plane.map { $0 * (1 + 1e-5 * Float((channel + side) % 2)) } }
        }.map { processed.inverse.naiveLabels(probabilities: $0, channelCount: predictor.channelCount) }
        return (labels, labels.voxels.indices.map { i in favoured.allSatisfy { $0.voxels[i] == labels.voxels[i] } })
    }

    @Test(arguments: affines.keys.sorted(), recipes.indices)
    func labelsAreThoseOfTheDefinition(name: String, recipe: Int) throws {
        let volume = Self.volume(SIMD3(21, 19, 11), try #require(Self.affines[name]))
        let recipe = Self.recipes[recipe]
        for predictor in [PositionPredictor(channelCount: 5, windowShape: SIMD3(8, 12, 10)), .init(channelCount: 3, windowShape: SIMD3(40, 40, 40))] {
            var options = SegmentationOptions()
            options.skipsBackgroundWindows = false
            options.batchSize = 3
            options.blending = predictor.channelCount == 3 ? .constant : .gaussian
            let expected = try naive(volume, recipe: recipe, predictor: predictor, options: options)
            let result = try Segmenter(predictor: predictor, recipe: recipe, options: options).segment(volume)
            #expect(result.labels.grid == volume.grid)
            #expect(Set(result.labels.voxels).count > 1)
            let wrong = volume.voxels.indices.filter { expected.certain[$0] && result.labels.voxels[$0] != expected.labels.voxels[$0] }
            #expect(wrong.isEmpty, "\(wrong.count) of \(volume.voxels.count)")
            #expect(expected.certain.filter { !$0 }.count < volume.voxels.count / 100)
        }
    }

    @Test func windowsOfAirAreSkippedAndBackground() throws {
        var volume = Self.volume(SIMD3(32, 16, 16), .identity)
        for index in volume.voxels.indices { volume.voxels[index] = index % 32 < 16 ? -1000 : 100 }
        let recipe = PreprocessingRecipe(intensity: IntensityWindow(lower: -175, upper: 250))
        let predictor = ConstantPredictor(logits: [0, 1, 0], windowShape: SIMD3(8, 8, 8))
        var options = SegmentationOptions()
        options.overlap = 0
        let result = try Segmenter(predictor: predictor, recipe: recipe, options: options).segment(volume)
        #expect(result.windowsSkipped == 8 && result.windowsRun == 8)
        #expect(result.labels.voxels == volume.voxels.map { $0 > 0 ? 1 : 0 })
        options.skipsBackgroundWindows = false
        let complete = try Segmenter(predictor: predictor, recipe: recipe, options: options).segment(volume)
        #expect(complete.windowsSkipped == 0 && complete.labels.voxels.allSatisfy { $0 == 1 })
        let raw = try Segmenter(predictor: predictor, recipe: PreprocessingRecipe()).segment(volume)
        #expect(raw.windowsSkipped == 0)
    }

    @Test func onlyTheWantedClassesAreWritten() throws {
        let volume = Self.volume(SIMD3(20, 20, 12), .diagonal(SIMD3(1, 1, 2)))
        let predictor = PositionPredictor(channelCount: 5, windowShape: SIMD3(8, 8, 8))
        var options = SegmentationOptions()
        let all = try Segmenter(predictor: predictor, recipe: .abdominalCT, options: options).segment(volume)
        options.classes = [2, 4]
        let some = try Segmenter(predictor: predictor, recipe: .abdominalCT, options: options).segment(volume)
        #expect(some.labels.voxels == all.labels.voxels.map { [2, 4].contains($0) ? $0 : 0 })
        #expect(Set(some.labels.voxels).count > 1)
    }

    @Test func eventsComeInOrderAndCount() throws {
        let volume = Self.volume(SIMD3(20, 20, 12), .diagonal(SIMD3(1, 1, 2)))
        let predictor = PositionPredictor(channelCount: 3, windowShape: SIMD3(8, 8, 8))
        var options = SegmentationOptions()
        options.keepsInput = true
        options.batchSize = 4
        var names: [String] = []
        var last = (done: 0, total: -1)
        let result = try Segmenter(predictor: predictor, recipe: .abdominalCT, options: options).segment(volume) { event in
            switch event {
            case .preprocessed: names.append("preprocessed")
            case .planned(let windows, let memory):
                names.append("planned")
                #expect(memory.batchSize == 4 && windows.window == predictor.windowShape)
            case .windows(let done, _, let total):
                #expect(done >= last.done)
                last = (done, total)
            }
        }
        #expect(names == ["preprocessed", "planned"])
        #expect(last.done == last.total && last.total == result.windowsRun + result.windowsSkipped)
        #expect(result.input == volume)
        #expect(Set(result.seconds.keys) == Set(SegmentationStage.allCases))
    }
}
