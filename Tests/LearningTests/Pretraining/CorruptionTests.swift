import Foundation
import Learning
import MedicalImaging
import Randomness
import Testing

/// Parity with MONAI 1.6.1: transforms seeded by `set_random_state` and applied to the patch below. Each `draw` is one call of the array
/// transform: a gate, the geometry, the noise.
@Suite struct CorruptionTests {
    private static let cube = SIMD3(96, 96, 96)

    /// sin(0.1 i) over the C order of 12³ voxels, computed in double precision and stored in single.
    private static let wave = ImagePatch(shape: SIMD3(12, 12, 12), voxels: (0..<1728).map { Float(sin(Double($0) * 0.1)) })

    private func box(_ x: (Int, Int), _ y: (Int, Int), _ z: (Int, Int)) -> VoxelBox {
        VoxelBox(lower: SIMD3(x.0, y.0, z.0), upper: SIMD3(x.1, y.1, z.1))
    }

    // RandCoarseDropout(6, 5, max_spatial_size=32, prob=1), set_random_state(123), randomize((96, 96, 96)).hole_coords
    @Test func innerGeometryIsMONAIs() {
        var random = NumPyRandom(seed: 123)
        let boxes = CoarseDropout.inner.holes.draw(in: Self.cube, random: &random)
        #expect(
            boxes == [
                box((17, 24), (83, 90), (57, 68)), box((47, 76), (73, 81), (32, 43)), box((25, 56), (83, 91), (36, 62)),
                box((49, 80), (55, 79), (2, 32)), box((47, 78), (61, 92), (48, 80)), box((52, 84), (27, 59), (34, 66)),
            ])
    }

    // RandCoarseDropout(6, 20, dropout_holes=False, max_spatial_size=64, prob=1)
    @Test func outerGeometryIsMONAIs() {
        var random = NumPyRandom(seed: 123)
        let boxes = CoarseDropout.outer.holes.draw(in: Self.cube, random: &random)
        #expect(
            boxes == [
                box((17, 39), (19, 67), (42, 96)), box((49, 93), (47, 96), (9, 63)), box((47, 91), (25, 88), (19, 73)),
                box((32, 90), (16, 80), (4, 62)), box((2, 61), (20, 84), (2, 63)), box((7, 70), (28, 92), (21, 85)),
            ])
    }

    // RandCoarseShuffle(10, 8, prob=1)
    @Test func shuffleGeometryIsMONAIs() {
        var random = NumPyRandom(seed: 123)
        var holes = CoarseShuffle.published.holes
        holes.probability = 1
        let boxes = holes.draw(in: Self.cube, random: &random)
        #expect(boxes?.count == 10)
        #expect(boxes?.first == box((66, 74), (17, 25), (83, 91)))
        #expect(boxes?[1] == box((57, 65), (86, 94), (47, 55)))
        #expect(boxes?.last == box((52, 60), (85, 93), (27, 35)))
    }

    // The sum, the sum weighted by cos(0.37 i) and voxels 500–504 of the result; the number of voxels changed.
    private func check(_ result: ImagePatch, _ sum: Double, _ weighted: Double, _ voxels: [Float], changed: Int) {
        var sums = (0.0, 0.0)
        for (index, value) in result.voxels.enumerated() {
            sums.0 += Double(value)
            sums.1 += Double(value) * cos(Double(index) * 0.37)
        }
        // The voxels are equal bit for bit; the sums were added in another order.
        #expect(abs(sums.0 - sum) < 1e-9)
        #expect(abs(sums.1 - weighted) < 1e-9)
        #expect(Array(result.voxels[500..<505]) == voxels)
        #expect(zip(result.voxels, Self.wave.voxels).count { $0 != $1 } == changed)
    }

    // RandCoarseDropout(3, 2, max_spatial_size=5, prob=1), set_random_state(11)
    @Test func innerCutoutEqualsMONAIVoxelByVoxel() throws {
        var random = NumPyRandom(seed: 11)
        let dropout = CoarseDropout(holes: CoarseHoles(count: 3, size: 2, maximumSize: 5), dropsHoles: true)
        let draw = try #require(dropout.draw(in: Self.wave.shape, random: &random))
        check(
            draw.apply(to: Self.wave), 20.552890338469297, 9.152791551789795,
            [0.5622641444206238, -0.16472820937633514, -0.06543567031621933, 0.03451068699359894, 0.7350116968154907], changed: 255)
    }

    // RandCoarseDropout(3, 3, dropout_holes=False, max_spatial_size=7, prob=1), set_random_state(11)
    @Test func outerCutoutEqualsMONAIVoxelByVoxel() throws {
        var random = NumPyRandom(seed: 11)
        let dropout = CoarseDropout(holes: CoarseHoles(count: 3, size: 3, maximumSize: 7), dropsHoles: false)
        let draw = try #require(dropout.draw(in: Self.wave.shape, random: &random))
        check(
            draw.apply(to: Self.wave), 17.77453618531581, -26.112857887395013,
            [-0.45594894886016846, -0.14125867187976837, 0.7136163115501404, -0.4394572079181671, -0.056554559618234634], changed: 1401)
    }

    // RandCoarseShuffle(4, 3, prob=1), set_random_state(11)
    @Test func shufflingEqualsMONAIVoxelByVoxel() throws {
        var random = NumPyRandom(seed: 11)
        let draw = try #require(CoarseShuffle(holes: CoarseHoles(count: 4, size: 3)).draw(in: Self.wave.shape, random: &random))
        check(
            draw.apply(to: Self.wave), 19.988763457979076, -2.478680092163145,
            [-0.2623748481273651, -0.16472820937633514, -0.06543567031621933, 0.03451068699359894, 0.13411222398281097], changed: 106)
    }

    // RandCoarseShuffle(1, 2, prob=1), set_random_state(5), on a ramp 0…63 of 4³
    @Test func oneSmallCubeIsShuffledAsMONAIDoes() throws {
        let ramp = ImagePatch(shape: SIMD3(4, 4, 4), voxels: (0..<64).map(Float.init))
        var random = NumPyRandom(seed: 5)
        let draw = try #require(CoarseShuffle(holes: CoarseHoles(count: 1, size: 2)).draw(in: ramp.shape, random: &random))
        #expect(draw.boxes == [box((1, 3), (2, 4), (2, 4))])
        let result = draw.apply(to: ramp)
        let expected: [(SIMD3<Int>, Float)] = [
            (SIMD3(1, 2, 2), 43), (SIMD3(1, 2, 3), 46), (SIMD3(2, 2, 3), 47), (SIMD3(2, 3, 2), 27), (SIMD3(2, 3, 3), 26),
        ]
        for (voxel, value) in expected { #expect(result.voxels[result.index(voxel.x, voxel.y, voxel.z)] == value) }
        #expect(zip(result.voxels, ramp.voxels).count { $0 != $1 } == expected.count)
    }

    // RandSpatialCropSamples((8, 9, 12), 3, random_size=False), set_random_state(21); the last axis fits exactly and takes no draw
    @Test func cropsLieWhereMONAIsDo() {
        var random = NumPyRandom(seed: 21)
        let starts = (0..<3).map { _ in CropDraw(of: SIMD3(8, 9, 12), in: Self.wave.shape, random: &random).start }
        #expect(starts == [SIMD3(1, 3, 0), SIMD3(0, 0, 0), SIMD3(0, 0, 0)])
        var cubes = NumPyRandom(seed: 21)
        let cubeStarts = (0..<3).map { _ in CropDraw(of: SIMD3(4, 4, 4), in: Self.wave.shape, random: &cubes).start }
        #expect(cubeStarts == [SIMD3(8, 4, 0), SIMD3(0, 8, 3), SIMD3(2, 1, 8)])
    }

    /// The ratchet: sizes never fall; independent holes are smaller on average (18.5 against about 28 voxels, specification §1.3).
    @Test func holeSizesRatchetUnlessIndependent() {
        var (ratchet, independent) = (0, 0)
        var holes = CoarseDropout.inner.holes
        for seed in 0..<200 as Range<UInt64> {
            holes.sizing = .monaiRatchet
            var random = RandomSource(seed)
            let boxes = holes.draw(in: Self.cube, random: &random) ?? []
            for (one, next) in zip(boxes, boxes.dropFirst()) { #expect(all(one.shape .<= next.shape)) }
            ratchet += boxes.reduce(0) { $0 + $1.shape.x }
            holes.sizing = .independent
            random = RandomSource(seed)
            independent += (holes.draw(in: Self.cube, random: &random) ?? []).reduce(0) { $0 + $1.shape.x }
        }
        #expect((27.0...28.8).contains(Double(ratchet) / 1200))
        #expect((17.7...19.3).contains(Double(independent) / 1200))
    }

    @Test func drawsAreReplayedAndViewsDiffer() {
        var random = RandomSource(3)
        let patch = ImagePatch(shape: SIMD3(32, 32, 32), voxels: (0..<32768).map { Float($0 % 97) / 97 })
        let corruption = Corruption.scaled(to: [32, 32, 32])
        let first = corruption.draw(in: patch.shape, random: &random)
        let second = corruption.draw(in: patch.shape, random: &random)
        #expect(first.apply(to: patch) == first.apply(to: patch))
        #expect(first.apply(to: patch) != second.apply(to: patch))
    }

    @Test func whatIsOutOfRangeIsNamed() {
        var corruption = Corruption()
        corruption.innerCutout.holes.maximumSize = [4, 4, 4]
        let error = #expect(throws: LearningError.self) { try corruption.validate(path: "corruption") }
        #expect(error?.description.contains("corruption.innerCutout.holes.maximumSize") == true)
    }
}
