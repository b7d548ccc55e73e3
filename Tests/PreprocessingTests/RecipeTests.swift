import Foundation
import MedicalImaging
import Preprocessing
import Testing

@Suite struct RecipeTests {
    /// A volume with known values after RAS and 1.5 × 1.5 × 2 mm (computed with MONAI).
    private func checkVolume() -> Volume<Float> {
        let affine = Affine(columns: SIMD3(-0.7, 0, 0), SIMD3(0, -0.8, 0), SIMD3(0, 0, 3), translation: SIMD3(90, 120, -40))
        var volume = Volume<Float>(grid: VoxelGrid(shape: SIMD3(7, 6, 5), affine: affine), repeating: 0)
        for i in 0..<7 {
            for j in 0..<6 {
                for k in 0..<5 { volume[i, j, k] = Float(100 * sin(0.7 * Double(i)) + 50 * cos(0.4 * Double(j)) + 20 * Double(k)) }
            }
        }
        return volume
    }

    @Test func orientationAndSpacingGiveTheGoldenVolume() throws {
        let result = try PreprocessingRecipe(orientation: "RAS", spacing: [1.5, 1.5, 2]).apply(to: checkVolume()).volume
        #expect(result.grid.shape == SIMD3(4, 4, 7))
        #expect(result.grid.affine.columns == [SIMD3(1.5, 0, 0), SIMD3(0, 1.5, 0), SIMD3(0, 0, 2)])
        #expect(norm(result.grid.affine.translation - SIMD3(85.8, 116, -40)) < 1e-12)
        let golden: [[Float]] = [
            [-107.96492, -71.48692, -43.908955, -37.157578], [20.237492, 56.71549, 84.29346, 91.04484],
            [67.988144, 104.46613, 132.0441, 138.79549], [-20.807343, 15.670654, 43.248623, 50.0],
        ]
        for i in 0..<4 { #expect(largestDifference((0..<4).map { result[i, $0, 0] }, golden[i]) < 2e-5) }
        #expect(abs(result.voxels.reduce(0) { $0 + Double($1) } - 8142.2508) < 1e-3)
        #expect(abs(result[3, 3, 6] - 130) < 1e-5)
    }

    @Test func theInverseReadsTheGoldenColumn() throws {
        let result = try PreprocessingRecipe(orientation: "RAS", spacing: [1.5, 1.5, 2]).apply(to: checkVolume())
        #expect(result.inverse.originalGrid == checkVolume().grid)
        let golden: [Double] = [65.508644, 106.94653, 130.17827, 107.89464, 80.24755, 20.419756, -39.408035]
        for (i, expected) in golden.enumerated() {
            let point = result.inverse.coordinate(i, 0, 0)
            #expect(abs(linear(result.volume, at: point) - expected) < 2e-5)
        }
    }

    /// Trilinear interpolation by definition.
    private func linear(_ volume: Volume<Float>, at point: SIMD3<Double>) -> Double {
        var sum = 0.0
        for k in 0..<volume.grid.shape.z {
            for j in 0..<volume.grid.shape.y {
                for i in 0..<volume.grid.shape.x {
                    let distance = SIMD3(Double(i), Double(j), Double(k)) - point
                    let weight = max(0, 1 - abs(distance.x)) * max(0, 1 - abs(distance.y)) * max(0, 1 - abs(distance.z))
                    sum += weight * Double(volume[i, j, k])
                }
            }
        }
        return sum
    }

    @Test func intensitiesAreWindowedAndClipped() throws {
        let grid = VoxelGrid(shape: SIMD3(5, 1, 1), affine: .identity)
        let volume = Volume<Float>(grid: grid, voxels: [-1000, -175, 37.5, 250, 3000])
        let result = try PreprocessingRecipe(intensity: IntensityWindow(lower: -175, upper: 250)).apply(to: volume).volume
        #expect(result.voxels == [0, 0, 0.5, 1, 1])
    }

    @Test func cropAndPadAreExact() throws {
        var volume = Volume<Float>(
            grid: VoxelGrid(shape: SIMD3(9, 8, 7), affine: .diagonal(SIMD3(2, 2, 2), translation: SIMD3(1, 2, 3))), repeating: -1000)
        volume[3, 2, 1] = 50
        volume[5, 2, 4] = 100
        let recipe = PreprocessingRecipe(intensity: IntensityWindow(lower: 0, upper: 100), cropsForeground: true, minimumShape: [6, 1, 4])
        let (result, labels) = try recipe.apply(to: volume, labels: LabelMap(grid: volume.grid, repeating: 7))
        #expect(result.volume.grid.shape == SIMD3(6, 1, 4))
        // Three missing voxels: one before, two after.
        #expect(result.volume[1, 0, 0] == 0.5)
        #expect(result.volume[3, 0, 3] == 1)
        #expect(result.volume.voxels.filter { $0 != 0 }.count == 2)
        #expect(result.volume.grid.affine.translation == SIMD3<Double>(5, 6, 5))
        #expect(result.inverse.foregroundBox == VoxelBox(lower: SIMD3(1, 0, 0), upper: SIMD3(4, 1, 4)))
        #expect(result.inverse.resampledBox == VoxelBox(lower: SIMD3(-2, -2, -1), upper: SIMD3(7, 6, 6)))
        #expect(labels.grid == result.volume.grid)
        // Labels beside the box are cut off with the image, then padded with background.
        for index in 0..<labels.grid.count {
            let i = index % 6
            #expect(labels.voxels[index] == ((1..<4).contains(i) ? 7 : 0))
        }
    }

    @Test func oneHotLabelsComeBackUnchangedInAllOrientations() throws {
        let recipe = PreprocessingRecipe(orientation: "RAS", spacing: [1, 2, 3], cropsForeground: false, minimumShape: [9, 1, 9])
        for orientation in AxisOrientation.all {
            let volume = noise(shape: SIMD3(5, 4, 6), affine: affine(orientation, spacing: SIMD3(1, 2, 3)), seed: 1)
            let labels = labelNoise(grid: volume.grid, count: 5, seed: 2)
            let (processed, moved) = try recipe.apply(to: volume, labels: labels)
            #expect(processed.volume.grid.orientation == .ras)
            let back = processed.inverse.naiveLabels(probabilities: oneHot(moved, channelCount: 5), channelCount: 5)
            #expect(back == labels, "\(orientation)")
        }
    }

    @Test func whatCroppingRemovedComesBackAsBackground() throws {
        var volume = Volume<Float>(grid: VoxelGrid(shape: SIMD3(12, 12, 12), affine: affine(.all[37], spacing: SIMD3(1, 1, 1))), repeating: -500)
        for k in 4..<8 { for j in 3..<9 { for i in 2..<7 { volume[i, j, k] = 40 } } }
        let recipe = PreprocessingRecipe(
            orientation: "RAS", intensity: IntensityWindow(lower: -175, upper: 250), cropsForeground: true, minimumShape: [8, 8, 8])
        let processed = try recipe.apply(to: volume)
        // Class 1 everywhere in the processed volume, the padding included.
        let count = processed.volume.grid.count
        let probabilities = [Float](repeating: 0.1, count: count) + [Float](repeating: 0.9, count: count)
        let labels = processed.inverse.naiveLabels(probabilities: probabilities, channelCount: 2)
        for k in 0..<12 {
            for j in 0..<12 {
                for i in 0..<12 { #expect((labels[i, j, k] == 1) == (volume[i, j, k] > 0)) }
            }
        }
    }

    @Test func recipesSurviveJSON() throws {
        for recipe in [PreprocessingRecipe.pretraining, .abdominalCT, PreprocessingRecipe()] {
            #expect(try JSONDecoder().decode(PreprocessingRecipe.self, from: JSONEncoder().encode(recipe)) == recipe)
        }
        let sparse = try JSONDecoder().decode(PreprocessingRecipe.self, from: Data(#"{"orientation": "LPS"}"#.utf8))
        #expect(sparse == PreprocessingRecipe(orientation: "LPS"))
    }

    @Test(arguments: [
        #"{"orientaton": "RAS"}"#, #"{"orientation": "RAA"}"#, #"{"spacing": []}"#, #"{"spacing": [1, 1, 1, 1]}"#,
        #"{"intensity": {"lower": 5, "upper": 5}}"#, #"{"minimumShape": [96]}"#, #"{"minimumShape": [96, 96, -1]}"#,
    ])
    func meaninglessRecipesAreRefused(json: String) {
        #expect(throws: PreprocessingError.self) { try JSONDecoder().decode(PreprocessingRecipe.self, from: Data(json.utf8)) }
    }
}
