import Learning
import MedicalImaging
import Randomness
import Testing

/// A 40×36×32 volume at 2 mm whose HU encode the voxel index, with a box of label 6 and a small box of label 2.
private func makeVolume(labelled: Set<UInt8> = Set(1...13)) throws -> TrainingVolume {
    let grid = VoxelGrid(shape: SIMD3(40, 36, 32), affine: .diagonal(SIMD3(2, 2, 2), translation: SIMD3(-40, -36, -32)))
    var image = Volume<Float>(grid: grid, repeating: 0)
    var labels = LabelMap(grid: grid, repeating: 0)
    for k in 0..<32 {
        for j in 0..<36 {
            for i in 0..<40 {
                image[i, j, k] = Float(i + j + k)
                if (10..<25).contains(i), (8..<20).contains(j), (4..<20).contains(k) { labels[i, j, k] = 6 }
                if (30..<33).contains(i), (30..<33).contains(j), (25..<28).contains(k) { labels[i, j, k] = 2 }
            }
        }
    }
    return try TrainingVolume(name: "ramp", image: image, labels: labels, labelled: labelled)
}

/// Patches without any augmentation, at the spacing of the volume.
private var plain: PatchOptions {
    var options = PatchOptions()
    options.shape = [16, 16, 16]
    options.spacing = [2, 2, 2]
    options.window = [0, 200]
    options.rotation = 0
    options.zoom = [1, 1]
    options.elastic = 0
    options.intensityShift = 0
    options.intensityScale = 0
    options.noise = 0
    options.smoothingProbability = 0
    return options
}

@Suite struct PatchTests {
    @Test func aDrawIsReplayable() throws {
        let volumes = [try makeVolume()]
        var options = plain
        options.rotation = 15
        options.elastic = 5
        options.noise = 0.1
        for step in 0..<5 {
            var one = RandomSource(7, UInt64(step), 0)
            var two = RandomSource(7, UInt64(step), 0)
            let first = PatchDraw(from: volumes, options: options, random: &one)
            let second = PatchDraw(from: volumes, options: options, random: &two)
            #expect(first == second)
            #expect(first.apply(to: volumes, options: options) == second.apply(to: volumes, options: options))
        }
        var other = RandomSource(8, 0, 0)
        var one = RandomSource(7, 0, 0)
        #expect(PatchDraw(from: volumes, options: options, random: &other) != PatchDraw(from: volumes, options: options, random: &one))
    }

    @Test func anIdentityTransformCopiesVoxels() throws {
        let volumes = [try makeVolume()]
        var random = RandomSource(1)
        var draw = PatchDraw(from: volumes, options: plain, random: &random)
        draw.transform = Affine.diagonal(SIMD3(1, 1, 1), translation: SIMD3(5, 6, 7))
        draw.contrast = 1
        draw.shift = 0
        let patch = draw.apply(to: volumes, options: plain)
        for (x, y, z) in [(0, 0, 0), (3, 5, 11), (15, 15, 15)] {
            let index = (x * 16 + y) * 16 + z
            #expect(abs(patch.image[index] - Float(x + 5 + y + 6 + z + 7) / 200) < 1e-6)
            #expect(patch.labels[index] == volumes[0].labels[volumes[0].grid.index(x + 5, y + 6, z + 7)])
        }
    }

    @Test func outsideTheVolumeIsAirAndBackground() throws {
        let volumes = [try makeVolume()]
        var random = RandomSource(1)
        var draw = PatchDraw(from: volumes, options: plain, random: &random)
        draw.transform = Affine.diagonal(SIMD3(1, 1, 1), translation: SIMD3(-100, 0, 0))
        let patch = draw.apply(to: volumes, options: plain)
        #expect(patch.image.allSatisfy { $0 == 0 })
        #expect(patch.labels.allSatisfy { $0 == 0 })
    }

    @Test func aFlipMirrorsAndSwapsSides() throws {
        let volumes = [try makeVolume()]
        var options = plain
        options.flipProbability = 1
        options.foregroundShare = 1
        var labels: Set<UInt8> = []
        for step in 0..<20 {
            var random = RandomSource(3, UInt64(step))
            let draw = PatchDraw(from: volumes, options: options, random: &random)
            #expect(draw.transform.columns[0].x < 0)
            labels.formUnion(draw.apply(to: volumes, options: options).labels)
        }
        #expect(labels.contains(3) && !labels.contains(2), "right kidney voxels become left kidney")
        #expect(labels.contains(6))
    }

    @Test func foregroundIsBalancedByOrgan() throws {
        let volumes = [try makeVolume()]
        var options = plain
        options.foregroundShare = 1
        options.jitter = 0
        var seen: [UInt8: Int] = [:]
        for step in 0..<200 {
            var random = RandomSource(11, UInt64(step))
            let patch = PatchDraw(from: volumes, options: options, random: &random).apply(to: volumes, options: options)
            if patch.labels.contains(2) { seen[2, default: 0] += 1 }
            if patch.labels.contains(6) { seen[6, default: 0] += 1 }
        }
        // Half of the patches are centred on the tiny organ although it holds 1 % of the labelled voxels.
        #expect((60...140).contains(seen[2] ?? 0))
        #expect((60...140).contains(seen[6] ?? 0))
    }

    @Test func aStrayLabelIsRefusedByValue() throws {
        #expect {
            try makeVolume(labelled: [6])
        } throws: {
            "\($0)".hasPrefix("case ramp: the label map holds the value 2, expected only [6]: correct the map, the 'labelled' list")
        }
    }

    @Test func theLoaderGivesTheSameBatchesWhateverTheStart() throws {
        let volumes = [try makeVolume()]
        let store = SampleStore(volumes.map { (SampleItem(name: $0.name, weight: $0.weight), $0) })
        let source = PatchSource(volumes: store, options: plain, batchSize: 2, seed: 5)
        let whole = BatchLoader(source)
        let batches = try (0..<6).map { try whole.batch(at: $0) }
        let resumed = BatchLoader(source)
        for step in 3..<6 { #expect(try resumed.batch(at: step) == batches[step]) }
        #expect(batches[0] != batches[1])
    }
}
