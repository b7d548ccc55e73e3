import Foundation
import MedicalImaging
import Preprocessing
import Testing

@Suite struct ResamplingTests {
    /// 0.9 → 1.5 mm on four voxels reads 0, 1⅔ and 3⅓, the last clamped to 3.
    @Test func fourVoxelsBecomeThree() throws {
        let grid = VoxelGrid(shape: SIMD3(4, 1, 1), affine: .diagonal(SIMD3(0.9, 1.5, 1.5)))
        let result = try PreprocessingRecipe(spacing: [1.5]).apply(to: Volume(grid: grid, voxels: [0, 1, 2, 3]))
        #expect(result.volume.grid.shape == SIMD3(3, 1, 1))
        #expect(largestDifference(result.volume.voxels, [0, 1.6666666, 3]) < 1e-6)
    }

    @Test func aRampIsResampledAsMONAIDoes() throws {
        let grid = VoxelGrid(shape: SIMD3(5, 4, 3), affine: .diagonal(SIMD3(0.8, 0.9, 3)))
        var volume = Volume<Float>(grid: grid, repeating: 0)
        for i in 0..<5 { for j in 0..<4 { for k in 0..<3 { volume[i, j, k] = Float((i * 4 + j) * 3 + k) } } }
        let result = try PreprocessingRecipe(spacing: [1.5, 1.5, 2]).apply(to: volume).volume
        #expect(result.grid.shape == SIMD3(3, 3, 4))
        #expect(largestDifference((0..<4).map { result[0, 0, $0] }, [0, 0.6666667, 1.3333333, 2]) < 1e-6)
    }

    /// The size is rounded half to even: 5 · ½ + 1 = 3.5 → 4, 3 · ½ + 1 = 2.5 → 2.
    @Test(arguments: [(6, 4), (4, 2), (2, 2), (8, 4), (1, 1)])
    func halvesRoundToEven(stored: Int, expected: Int) throws {
        let grid = VoxelGrid(shape: SIMD3(stored, 1, 1), affine: .diagonal(SIMD3(1, 2, 2), translation: SIMD3(17, 0, 0)))
        #expect(try ResamplingPlan(source: grid, spacing: [2]).target.shape.x == expected)
    }

    @Test func separableEqualsGather() throws {
        var generator = SeededGenerator(seed: 5)
        for trial in 0..<60 {
            let orientation = try #require(AxisOrientation.all.randomElement(using: &generator))
            let shape = SIMD3((0..<3).map { _ in Int.random(in: 1...9, using: &generator) })
            let target = VoxelGrid(shape: SIMD3((0..<3).map { _ in Int.random(in: 1...9, using: &generator) }), affine: .identity)
            let map = affine(
                orientation, spacing: SIMD3((0..<3).map { _ in .random(in: 0.2...3, using: &generator) }),
                translation: SIMD3((0..<3).map { _ in .random(in: -3...9, using: &generator) }))
            let volume = noise(shape: shape, affine: .identity, seed: UInt64(trial))
            let separated = IndexMap(map, shape: target.shape, tolerance: 0)
            guard case .separable = separated else {
                Issue.record("a signed permutation must be separable")
                continue
            }
            let fast = volume.resampledLinearly(to: target, by: separated)
            #expect(largestDifference(fast.voxels, volume.resampledLinearly(to: target, by: .general(map)).voxels) < 2e-4)
            let labels = labelNoise(grid: volume.grid, count: 200, seed: UInt64(trial))
            #expect(labels.resampledToNearest(to: target, by: separated).voxels == labels.resampledToNearest(to: target, by: .general(map)).voxels)
        }
    }

    @Test func shearIsNotTakenForSeparable() {
        var map = Affine.diagonal(SIMD3(1, 2, 3))
        map[0, 1] = 0.01
        guard case .general = IndexMap(map, shape: SIMD3(20, 20, 20), tolerance: 1e-4) else {
            Issue.record("a sheared map mixes its axes")
            return
        }
    }

    @Test func linearImagesStayLinearInside() throws {
        // f(position) = 3x − 2y + z + 5 sampled on an oblique grid and resampled must still be f at the new positions.
        let (c, s) = (cos(0.4), sin(0.4))
        let affine = Affine(columns: SIMD3(c, s, 0) * 0.9, SIMD3(-s, c, 0) * 1.1, SIMD3(0, 0, 2.5), translation: SIMD3(3, -4, 100))
        func f(_ p: SIMD3<Double>) -> Double { 3 * p.x - 2 * p.y + p.z + 5 }
        var volume = Volume<Float>(grid: VoxelGrid(shape: SIMD3(21, 17, 9), affine: affine), repeating: 0)
        for k in 0..<9 { for j in 0..<17 { for i in 0..<21 { volume[i, j, k] = Float(f(affine(SIMD3(Double(i), Double(j), Double(k))))) } } }
        let result = try PreprocessingRecipe(orientation: "RAS", spacing: [1.5, 1.5, 2]).apply(to: volume).volume
        let shape = result.grid.shape
        var worst = 0.0
        for k in 0..<shape.z - 1 {
            for j in 0..<shape.y - 1 {
                for i in 0..<shape.x - 1 {
                    worst = max(worst, abs(Double(result[i, j, k]) - f(result.grid.affine(SIMD3(Double(i), Double(j), Double(k))))))
                }
            }
        }
        #expect(worst < 1e-4)  // Single-precision values of about 300.
    }

    @Test func constantImagesStayExactlyConstant() throws {
        for orientation in AxisOrientation.all {
            let grid = VoxelGrid(shape: SIMD3(6, 5, 7), affine: affine(orientation, spacing: SIMD3(0.7, 0.9, 3.1)))
            let result = try PreprocessingRecipe(orientation: "RAS", spacing: [1.5, 1.5, 2]).apply(to: Volume(grid: grid, repeating: 37.3))
            #expect(result.volume.voxels.allSatisfy { $0 == 37.3 })
        }
    }

    @Test func nearlyEqualSpacingIsKept() throws {
        let volume = noise(shape: SIMD3(5, 6, 7), affine: .diagonal(SIMD3(1.5004, 1.4999, 2.0009)), seed: 3)
        let result = try PreprocessingRecipe(spacing: [1.5, 1.5, 2]).apply(to: volume)
        #expect(result.volume == volume)
    }

    @Test func nonPositiveSpacingKeepsTheAxis() throws {
        let grid = VoxelGrid(shape: SIMD3(5, 6, 7), affine: .diagonal(SIMD3(1, 2, 4)))
        let plan = try ResamplingPlan(source: grid, spacing: [2, 0])
        #expect(plan.target.shape == SIMD3(3, 6, 7))
        #expect(plan.target.spacing == SIMD3(2, 2, 4))
    }
}

extension SIMD3 {
    /// From an array of three.
    init(_ values: [Scalar]) { self.init(values[0], values[1], values[2]) }
}
