import MedicalImaging
import Preprocessing
import Testing

@Suite struct HostileVolumeTests {
    private let air = Volume<Float>(grid: VoxelGrid(shape: SIMD3(4, 4, 4), affine: .identity), repeating: -1000)

    @Test func airAloneIsAnErrorUnlessAllowed() throws {
        var recipe = PreprocessingRecipe.abdominalCT
        #expect(throws: PreprocessingError.noForeground(threshold: "-175.0 HU")) { try recipe.apply(to: air) }
        recipe.keepsVolumeWithoutForeground = true
        let result = try recipe.apply(to: air)
        #expect(result.volume.voxels.allSatisfy { $0 == 0 })
        #expect(result.volume.grid.shape == SIMD3(3, 3, 2))
    }

    @Test func nonNumbersAreNamed() {
        var volume = air
        volume[2, 1, 3] = .nan
        #expect(throws: PreprocessingError.notANumber(count: 1, first: SIMD3(2, 1, 3))) { try PreprocessingRecipe().apply(to: volume) }
        #expect(throws: PreprocessingError.self) { try PreprocessingRecipe.pretraining.apply(to: volume) }
    }

    @Test func infinitiesAreClipped() throws {
        var volume = air
        volume[2, 1, 3] = .infinity
        volume[0, 0, 0] = -.infinity
        let result = try PreprocessingRecipe(intensity: IntensityWindow(lower: 0, upper: 1)).apply(to: volume).volume
        #expect(result[2, 1, 3] == 1)
        #expect(result[0, 0, 0] == 0)
    }

    @Test(arguments: [
        Affine.diagonal(SIMD3(1, 0, 1)), .diagonal(SIMD3(1, .nan, 1)), .diagonal(SIMD3(1, 1, 1), translation: SIMD3(0, .infinity, 0)),
        Affine(columns: SIMD3(1, 0, 0), SIMD3(2, 0, 0), SIMD3(0, 0, 1), translation: .zero),
    ])
    func degenerateAffinesAreRefused(affine: Affine) {
        #expect(throws: PreprocessingError.self) {
            try PreprocessingRecipe.abdominalCT.apply(to: Volume(grid: VoxelGrid(shape: SIMD3(2, 2, 2), affine: affine), repeating: 0))
        }
    }

    @Test func emptyVolumesAreRefused() {
        let empty = Volume<Float>(grid: VoxelGrid(shape: SIMD3(4, 0, 4), affine: .identity), voxels: [])
        #expect(throws: PreprocessingError.emptyVolume(shape: SIMD3(4, 0, 4))) { try PreprocessingRecipe().apply(to: empty) }
    }

    @Test func absurdSpacingIsRefusedBeforeMemoryIsAsked() {
        let kilometres = Volume<Float>(grid: VoxelGrid(shape: SIMD3(4, 4, 4), affine: .diagonal(SIMD3(1e6, 1e6, 1e6))), repeating: 0)
        #expect(throws: PreprocessingError.self) { try PreprocessingRecipe(spacing: [1]).apply(to: kilometres) }
        let beyondIntegers = Volume<Float>(grid: VoxelGrid(shape: SIMD3(4, 4, 4), affine: .diagonal(SIMD3(1e200, 1, 1))), repeating: 0)
        #expect(throws: PreprocessingError.self) { try PreprocessingRecipe(spacing: [1e-5]).apply(to: beyondIntegers) }
    }

    @Test func labelsOnAnotherGridAreRefusedNamingBoth() {
        let labels = LabelMap(grid: VoxelGrid(shape: SIMD3(4, 4, 5), affine: .identity), repeating: 0)
        do {
            _ = try PreprocessingRecipe().apply(to: air, labels: labels)
            Issue.record("labels of another shape must be refused")
        } catch {
            #expect("\(error)".contains("4 × 4 × 4"))
            #expect("\(error)".contains("4 × 4 × 5"))
        }
    }
}
