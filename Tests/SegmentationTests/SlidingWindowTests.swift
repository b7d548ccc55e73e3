import Foundation
import MedicalImaging
import Segmentation
import Testing

func exponential(_ x: Double) -> Double { exp(x) }

/// A random case: a volume, windows over it, and an original grid that maps into it.
struct StreamingCase: CustomStringConvertible {
    var volume: Volume<Float>
    var plan: WindowPlan
    var originalShape: SIMD3<Int>
    var map: SamplingMap
    var predictor: any WindowPredictor
    var blending: Blending

    /// - Parameters:
    ///   - extents: of the volume.
    ///   - classes: their number; drawn when it is `nil`.
    init(seed: UInt64, sheared: Bool, extents: ClosedRange<Int> = 1...18, classes: Int? = nil) throws {
        var random = SplitMix(seed: seed)
        let shape = random.shape(extents)
        let grid = VoxelGrid(shape: shape, affine: .identity)
        let phase = random.uniform()
        volume = Volume(
            grid: grid,
            voxels: (0..<grid.count).map { index in
                let (i, j, k) = (index % shape.x, index / shape.x % shape.y, index / shape.x / shape.y)
                return Float(0.5 + 0.5 * sin(0.4 * Double(i) + 0.5 * Double(j) - 0.3 * Double(k) + 6 * phase))
            })
        plan = try WindowPlan(shape: shape, window: random.shape(2...12 + extents.lowerBound), overlap: random.uniform() * 0.8)
        originalShape = random.shape(1...22 + extents.lowerBound)
        map = sheared ? Self.sheared(shape, originalShape, &random) : Self.separable(shape, originalShape, &random)
        let channels = classes ?? random.integer(2...10)
        switch random.integer(0...2) {
        case 0: predictor = ConstantPredictor(logits: (0..<channels).map { Float($0 % 3) }, windowShape: plan.window)
        case 1: predictor = PositionPredictor(channelCount: channels, windowShape: plan.window)
        default: predictor = NoisePredictor(channelCount: channels, windowShape: plan.window)
        }
        blending = Blending.allCases[random.integer(0...2)]
    }

    private static func separable(_ shape: SIMD3<Int>, _ original: SIMD3<Int>, _ random: inout SplitMix) -> SamplingMap {
        let axes = [SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0)][random.integer(0...5)]
        let coordinates = (0..<3).map { axis in
            let (scale, start) = (random.uniform() * 2, random.uniform() * 6 - 3)
            let rising = (0..<original[axis]).map { start + scale * Double($0) }
            let clamped = random.integer(0...1) == 0 ? rising.map { min(max($0, 0), Double(shape[axes[axis]] - 1)) } : rising
            return random.integer(0...1) == 0 ? clamped : clamped.reversed()
        }
        return .separable(axes: axes, coordinates: coordinates)
    }

    private static func sheared(_ shape: SIMD3<Int>, _ original: SIMD3<Int>, _ random: inout SplitMix) -> SamplingMap {
        var affine = Affine.identity
        for row in 0..<3 {
            for column in 0..<3 { affine[row, column] = (random.uniform() - 0.5) * 2 }
            affine[row, 3] = random.uniform() * Double(shape[row])
        }
        let lower = SIMD3(-random.uniform() * 3, -random.uniform() * 3, -random.uniform() * 3)
        let extent = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z))
        return .general(affine, lower: lower, upper: extent + SIMD3(repeating: random.uniform() * 3 - 1))
    }

    /// Where an original voxel lies in the processed volume.
    func coordinate(_ voxel: SIMD3<Int>) -> SIMD3<Double> {
        switch map {
        case .separable(let axes, let coordinates):
            var point = SIMD3<Double>.zero
            for axis in 0..<3 { point[axes[axis]] = coordinates[axis][voxel[axis]] }
            return point
        case .general(let affine, let lower, let upper):
            return pointwiseMin(pointwiseMax(affine(SIMD3(Double(voxel.x), Double(voxel.y), Double(voxel.z))), lower), upper)
        }
    }

    /// The voxels where the streamed labels differ from the naive ones although these are beyond doubt.
    func disagreements(usesHalfPrecision: Bool = false, margin: Double, batchSize: Int = 1) throws -> Int {
        let naive = try NaiveSegmentation(predictor: predictor, plan: plan, blending: blending)
            .labels(of: volume, shape: originalShape, coordinate: coordinate)
        let export = LabelExport(map: map, shape: originalShape, processedShape: plan.shape)
        let window = SlidingWindow(predictor: predictor, plan: plan, blending: blending, batchSize: batchSize)
        let streamed = try window.labels(of: volume, export: export, usesHalfPrecision: usesHalfPrecision)
        #expect(streamed.labels.count == naive.count)
        #expect(streamed.progress.run == plan.count)
        return zip(streamed.labels, naive).filter { $0 != $1.label && $1.margin > margin }.count
    }

    var description: String { "\(plan.shape) → \(originalShape), window \(plan.window), \(blending), \(predictor.channelCount) classes, \(map)" }
}

@Suite struct SlidingWindowTests {
    /// Margin 1e-5: probabilities are kept in single precision.
    @Test(arguments: 0..<60)
    func streamedEqualsNaive(seed: Int) throws {
        let scene = try StreamingCase(seed: UInt64(seed), sheared: false)
        #expect(try scene.disagreements(margin: 1e-5, batchSize: 1 + seed % 4) == 0, "\(scene)")
    }

    @Test(arguments: 100..<130)
    func streamedEqualsNaiveOnShearedGrids(seed: Int) throws {
        let scene = try StreamingCase(seed: UInt64(seed), sheared: true)
        #expect(try scene.disagreements(margin: 1e-5) == 0, "\(scene)")
    }

    /// Volumes of several bricks along each axis, of as few and as many classes as there are.
    @Test(arguments: [2, 14, 105], [true, false])
    func severalBricksEqualNaive(classes: Int, sheared: Bool) throws {
        for seed in 0..<2 {
            let scene = try StreamingCase(seed: UInt64(1000 * classes + seed), sheared: sheared, extents: 17...28, classes: classes)
            #expect(try scene.disagreements(margin: 1e-5) == 0, "\(scene)")
        }
    }

    /// One window deeper than a brick, and the original grid twice as fine: every voxel of it lies between voxels.
    @Test(arguments: [2, 14])
    func deepWindowsEqualNaive(classes: Int) throws {
        var scene = try StreamingCase(seed: UInt64(classes), sheared: false, extents: 18...18, classes: classes)
        let shape = SIMD3(9, 17, 75)
        let grid = VoxelGrid(shape: shape, affine: .identity)
        scene.volume = Volume(
            grid: grid,
            voxels: (0..<grid.count).map { index in
                let phase = 0.11 * Double(index % 9) - 0.07 * Double(index / 153)
                return Float(0.5 + 0.5 * sin(phase))
            })
        scene.plan = try WindowPlan(shape: shape, window: SIMD3(9, 17, 70), overlap: 0)
        scene.predictor = PositionPredictor(channelCount: classes, windowShape: scene.plan.window)
        scene.originalShape = SIMD3(17, 33, 149)
        scene.map = .separable(axes: SIMD3(0, 1, 2), coordinates: (0..<3).map { axis in (0..<scene.originalShape[axis]).map { Double($0) / 2 } })
        #expect(try scene.disagreements(margin: 1e-5) == 0, "\(scene)")
    }

    /// Margin 0.02: eleven bits, over several windows' sums.
    @Test(arguments: 200..<220)
    func halfPrecisionEqualsNaiveButForNearTies(seed: Int) throws {
        let scene = try StreamingCase(seed: UInt64(seed), sheared: seed % 3 == 0)
        #expect(try scene.disagreements(usesHalfPrecision: true, margin: 0.02) == 0, "\(scene)")
    }

    @Test func equalProbabilitiesGiveTheLowestClass() throws {
        let shape = SIMD3(6, 5, 7)
        let predictor = ConstantPredictor(logits: [0, 2, 1, 2, 2], windowShape: SIMD3(4, 4, 4))
        let plan = try WindowPlan(shape: shape, window: predictor.windowShape, overlap: 0.5)
        let volume = Volume<Float>(grid: VoxelGrid(shape: shape, affine: .identity), repeating: 1)
        let coordinates = [3, 3, 3].map { count in (0..<count).map { Double($0) * 1.3 } }
        let export = LabelExport(map: .separable(axes: SIMD3(0, 1, 2), coordinates: coordinates), shape: SIMD3(3, 3, 3), processedShape: shape)
        let result = try SlidingWindow(predictor: predictor, plan: plan, blending: .constant).labels(of: volume, export: export)
        #expect(result.labels == [UInt8](repeating: 1, count: 27))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func refusesLogitsThatAreNotFinite(value: Float) throws {
        let predictor = ConstantPredictor(logits: [0, value], windowShape: SIMD3(4, 4, 4))
        let plan = try WindowPlan(shape: SIMD3(4, 4, 4), window: predictor.windowShape, overlap: 0)
        let volume = Volume<Float>(grid: VoxelGrid(shape: plan.shape, affine: .identity), repeating: 1)
        let export = LabelExport(
            map: .separable(axes: SIMD3(0, 1, 2), coordinates: [[0], [0], [0]]), shape: SIMD3(1, 1, 1), processedShape: plan.shape)
        #expect(throws: SegmentationError.nonFiniteLogits(origin: .zero)) {
            try SlidingWindow(predictor: predictor, plan: plan, blending: .constant).labels(of: volume, export: export)
        }
    }

    @Test func halfPrecisionRoundsToNearest() {
        let values: [Float] = [0, 1, -1, 0.1, 65504, 1e6, -1e6, 6.1e-5, 1e-7, 3.14159, 2049, 2051, -0.333, 1000.5, 5.96e-8, 1e-12]
        for start in stride(from: 0, to: values.count, by: 4) {
            var stored = [HalfLogit](repeating: .zero, count: 4)
            HalfLogit.store(SIMD4(values[start..<start + 4]), to: &stored)
            let back = HalfLogit.load(stored)
            for lane in 0..<4 {
                let value = values[start + lane]
                let saturated = max(-65504, min(65504, value))
                #expect(abs(back[lane] - saturated) <= max(abs(saturated) * 0x1p-11, 0x1p-25), "\(value) came back as \(back[lane])")
            }
        }
    }
}

@Suite struct ExponentialTests {
    @Test func exponentialsAreThoseOfTheLibrary() {
        for step in 0...9000 {
            let x = -Float(step) / 100
            let expected = x < -87 ? 0 : exp(Double(x))
            // Some units in the last place.
            #expect(abs(Double(exponentials(SIMD4(repeating: x))[step % 4]) - expected) <= 6e-7 * expected, "at \(x)")
        }
        #expect(exponentials(SIMD4(0, -.infinity, -1e30, -0.0)) == SIMD4(1, 0, 0, 1))
    }
}
