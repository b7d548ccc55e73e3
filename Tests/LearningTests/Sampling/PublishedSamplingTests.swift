import Learning
import MedicalImaging
import Preprocessing
import Randomness
import Testing

/// A volume of 1 mm voxels whose windowed intensity encodes the voxel: ramps over each axis, with a box of label 2 (right kidney).
private func makeVolume(_ shape: SIMD3<Int> = SIMD3(24, 22, 20), minimum: [Int] = [16, 16, 16], name: String = "ramp", weight: Double = 1) throws
    -> PreparedVolume
{
    let grid = VoxelGrid(shape: shape, affine: .identity)
    var image = Volume<Float>(grid: grid, repeating: 0)
    var labels = LabelMap(grid: grid, repeating: 0)
    for k in 0..<shape.z {
        for j in 0..<shape.y {
            for i in 0..<shape.x {
                image[i, j, k] = Float(1 + i + 30 * j + 900 * k)
                if (4..<7).contains(i), (5..<8).contains(j), (6..<9).contains(k) { labels[i, j, k] = 2 }
            }
        }
    }
    let recipe = PreprocessingRecipe(orientation: "RAS", intensity: IntensityWindow(lower: 0, upper: 30000), cropsForeground: true)
    return try PreparedVolume(
        name: name, image: image, labels: labels, labelled: Set(1...13), weight: weight, recipe: recipe, shape: minimum)
}

/// The voxel that an intensity encodes.
private func voxel(_ value: Float) -> SIMD3<Int> {
    let code = Int((value * 30000).rounded()) - 1
    return SIMD3(code % 30, code / 30 % 30, code / 900)
}

private func draw(_ change: (inout PublishedDraw) -> Void) throws -> (PublishedDraw, PreparedVolume) {
    let volume = try makeVolume()
    var random = RandomSource(1)
    var draw = PublishedDraw(from: volume, shape: [16, 16, 16], options: PublishedOptions(), random: &random)
    (draw.origin, draw.flips, draw.turns, draw.scale, draw.shift) = (SIMD3(3, 2, 1), [false, false, false], 0, 1, 0)
    change(&draw)
    return (draw, volume)
}

@Suite struct PublishedSamplingTests {
    private let shape = [16, 16, 16]

    private func index(_ x: Int, _ y: Int, _ z: Int) -> Int { (x * 16 + y) * 16 + z }

    @Test func aPlainCropCopiesVoxels() throws {
        let (draw, volume) = try draw { _ in }
        let patch = draw.apply(to: volume, shape: shape)
        for (x, y, z) in [(0, 0, 0), (3, 5, 11), (15, 15, 15)] {
            #expect(voxel(patch.image[index(x, y, z)]) == SIMD3(3 + x, 2 + y, 1 + z))
        }
        #expect(patch.labels.count { $0 == 2 } == 27)
        #expect(patch.labels[index(1, 3, 5)] == 2)
    }

    @Test func flipsReverseTheirAxisAndSwapSides() throws {
        for axis in 0..<3 {
            let (draw, volume) = try draw { $0.flips[axis] = true }
            let patch = draw.apply(to: volume, shape: shape)
            var expected = SIMD3(3, 2, 1) &+ SIMD3(1, 2, 3)
            expected[axis] = SIMD3(3, 2, 1)[axis] + 15 - SIMD3(1, 2, 3)[axis]
            #expect(voxel(patch.image[index(1, 2, 3)]) == expected)
            #expect(Set(patch.labels) == [0, axis == 0 ? 3 : 2], "only a left–right flip swaps the kidneys")
            #expect(Set(draw.apply(to: volume, shape: shape, compat: true).labels) == [0, 2])
        }
    }

    /// One turn is MONAI's `rot90` with k = 1 on axes (0, 1): out[i, j] = in[j, n − 1 − i]; four make the identity.
    @Test func turnsFollowMONAI() throws {
        for turns in 1...3 {
            let (draw, volume) = try draw { $0.turns = turns }
            let patch = draw.apply(to: volume, shape: shape)
            var source = SIMD2(4, 7)
            for _ in 0..<turns { source = SIMD2(source.y, 15 - source.x) }
            #expect(voxel(patch.image[index(4, 7, 9)]) == SIMD3(3 + source.x, 2 + source.y, 10))
        }
    }

    @Test func aShiftIsAddedWithoutClipping() throws {
        let (plain, volume) = try draw { _ in }
        let (shifted, _) = try draw { ($0.scale, $0.shift) = (2, -0.5) }
        let (one, other) = (plain.apply(to: volume, shape: shape), shifted.apply(to: volume, shape: shape))
        #expect(abs(other.image[7] - (one.image[7] * 2 - 0.5)) < 1e-6)
        #expect(other.image.min()! < 0)
    }

    @Test func cropsStayInsideAndAreBalanced() throws {
        let volume = try makeVolume()
        var centred = 0
        var turns: Set<Int> = []
        for step in 0..<400 {
            var random = RandomSource(5, UInt64(step))
            let draw = PublishedDraw(from: volume, shape: shape, options: PublishedOptions(), random: &random)
            #expect(all(draw.origin .>= 0) && all(draw.origin .<= SIMD3(8, 6, 4)))
            turns.insert(draw.turns)
            // Centres in the box are clamped to the corner: (4…6) − 8 < 0 and so on.
            if draw.origin == SIMD3(0, 0, 0) { centred += 1 }
        }
        // Half of the crops are centred on the 27 voxels of the organ; few of the others fall into the corner.
        #expect((160...320).contains(centred))
        #expect(turns == [0, 1, 2, 3])
    }

    @Test func everyCentreOfAKindIsEquallyLikely() throws {
        let volume = try makeVolume()
        var options = PublishedOptions()
        options.negative = 0
        var seen: [SIMD3<Int>: Int] = [:]
        for step in 0..<2700 {
            var random = RandomSource(9, UInt64(step))
            seen[PublishedDraw(from: volume, shape: [2, 2, 2], options: options, random: &random).origin, default: 0] += 1
        }
        #expect(seen.count == 27)
        // 100 expected, standard deviation 10: five of them.
        #expect(seen.values.allSatisfy { (50...150).contains($0) })
    }

    @Test func smallVolumesArePadded() throws {
        let volume = try makeVolume(SIMD3(10, 12, 9))
        for step in 0..<20 {
            var random = RandomSource(2, UInt64(step))
            let draw = PublishedDraw(from: volume, shape: shape, options: PublishedOptions(), random: &random)
            #expect(draw.origin == SIMD3(0, 0, 0))
        }
    }

    @Test func anEpochShowsEveryVolumeOnceInAnotherOrder() throws {
        let volumes = try (0..<5).map { try makeVolume(name: "\($0)") }
        let weights = [1.0, 1, 1, 1, 1]
        let store = SampleStore(volumes.enumerated().map { (SampleItem(name: $1.name, weight: weights[$0]), $1) })
        let source = PublishedSource(volumes: store, shape: shape, options: PublishedOptions(), volumesPerBatch: 1, seed: 3)
        let orders = (0..<4).map { epoch in (0..<5).map { source.volume(at: epoch * 5 + $0) } }
        for order in orders { #expect(order.sorted() == [0, 1, 2, 3, 4]) }
        #expect(Set(orders).count > 1)
        #expect(try source.batch(at: 2) == source.batch(at: 2))
        #expect(try source.batch(at: 2).count == 4)
        #expect(try source.batch(at: 2) != source.batch(at: 7))
    }

    @Test func weightsDecideHowOftenAVolumeIsDrawn() throws {
        let weights = [3.0, 1]
        let volumes = try weights.map { try makeVolume(weight: $0) }
        let store = SampleStore(volumes.enumerated().map { (SampleItem(name: $1.name, weight: weights[$0]), $1) })
        let source = PublishedSource(volumes: store, shape: shape, options: PublishedOptions(), volumesPerBatch: 1, seed: 3)
        // Binomial, n = 400, p = ¾: 300 ± 8.7; five deviations.
        #expect((256...344).contains((0..<400).count { source.volume(at: $0) == 0 }))
    }

    @Test func turnsOfOblongPatchesAreRefused() {
        #expect(throws: LearningError.self) { try PublishedOptions().validate(shape: [16, 32, 16]) }
    }
}
