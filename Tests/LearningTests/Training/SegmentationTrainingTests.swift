import Foundation
import Learning
import MedicalImaging
import Segmentation
import TestSupport
import Testing
import Torch

@Suite(.serialized) struct SegmentationTrainingTests {
    /// A small network on 16³ patches of a volume with one bright box labelled liver.
    private func setUp(steps: Int) throws -> (TrainingConfiguration, [TrainingVolume]) {
        var configuration = TrainingConfiguration()
        configuration.network.hiddenSize = 24
        configuration.network.mlpSize = 48
        configuration.network.headCount = 2
        configuration.network.layerCount = 4
        configuration.network.featureSize = 4
        configuration.network.imageShape = [16, 16, 16]
        configuration.patch.shape = [16, 16, 16]
        configuration.patch.spacing = [2, 2, 2]
        configuration.loop.steps = steps
        configuration.batchSize = 2
        configuration.loop.schedule.warmUpSteps = 2
        configuration.loop.logInterval = 5
        configuration.loop.checkpointInterval = 1000
        let grid = VoxelGrid(shape: SIMD3(24, 24, 24), affine: .diagonal(SIMD3(2, 2, 2)))
        var image = Volume<Float>(grid: grid, repeating: -100)
        var labels = LabelMap(grid: grid, repeating: 0)
        for k in 6..<18 {
            for j in 6..<18 {
                for i in 6..<18 {
                    image[i, j, k] = 120
                    labels[i, j, k] = Organ.liver.rawValue
                }
            }
        }
        return (configuration, [try TrainingVolume(name: "box", image: image, labels: labels, labelled: [Organ.liver.rawValue])])
    }

    private func makeLoop(_ configuration: TrainingConfiguration, _ volumes: [TrainingVolume], _ folder: URL) throws -> TrainingLoop<SegmentationTask>
    {
        try TrainingLoop(
            SegmentationTask(configuration: configuration, source: .patches(volumes, configuration)), configuration: configuration, folder: folder)
    }

    private func weights(_ trainer: TrainingLoop<SegmentationTask>) throws -> [[Float]] { try trainer.averagedWeights.map { try $0.tensor.floats() } }

    @Test func theLossFalls() throws {
        Threads.count = 2
        let folder = try TemporaryDirectory()
        let (configuration, volumes) = try setUp(steps: 40)
        var losses: [Double] = []
        try makeLoop(configuration, volumes, folder.url).run { event in
            if case .progressed(let summary) = event { losses.append(summary.loss) }
        }
        #expect(losses.count == 8)
        #expect(losses.last! < 0.9 * losses.first!)
    }

    @Test func aResumedRunEqualsAnUninterruptedOneBitwise() throws {
        Threads.count = 2
        let (whole, volumes) = try setUp(steps: 8)
        let one = try TemporaryDirectory()
        let uninterrupted = try makeLoop(whole, volumes, one.url)
        try uninterrupted.run { _ in }

        let two = try TemporaryDirectory()
        var interrupting = whole
        interrupting.loop.checkpointInterval = 3
        let first = try makeLoop(interrupting, volumes, two.url)
        // Stop the run where it saves for the first time, as a kill right after that checkpoint would.
        struct Stop: Error {}
        #expect(throws: Stop.self) { try first.run { event in if case .saved = event { throw Stop() } } }
        let resumed = try makeLoop(whole, volumes, two.url)
        try resumed.run { _ in }
        #expect(try weights(resumed) == weights(uninterrupted))
    }

    @Test func startingWeightsFollowFromTheSeedWhateverElseDraws() throws {
        var (configuration, volumes) = try setUp(steps: 1)
        func weights() throws -> [[Float]] {
            try SegmentationTask(configuration: configuration, source: .patches(volumes, configuration)).parameters.map {
                try $0.tensor.detached().floats()
            }
        }
        let first = try weights()
        _ = try Tensor.rand([5])
        #expect(try weights() == first)
        configuration.loop.seed += 1
        #expect(try weights() != first)
    }

    @Test func aRunGoesOnFromAModelWithItsNetworkAndItsPatches() throws {
        let folder = try TemporaryDirectory()
        let (configuration, volumes) = try setUp(steps: 2)
        let trained = try makeLoop(configuration, volumes, folder.url)
        try trained.run { _ in }
        try trained.export(to: folder.file("model.safetensors"))
        let model = try ModelPackage.read(folder.file("model.safetensors"))

        var next = TrainingConfiguration()
        try next.adopt(model, file: "model.safetensors")
        #expect(next.network == configuration.network)
        #expect((next.patch.shape, next.patch.spacing, next.patch.window) == (configuration.patch.shape, [2, 2, 2], configuration.patch.window))
        let task = try SegmentationTask(configuration: next, source: .patches(volumes, next))
        try task.start(from: model, file: "model.safetensors")
        for (own, stored) in zip(task.parameters, model.network.namedParameters()) {
            #expect(own.name == stored.name)
            #expect(try own.tensor.detached().floats() == stored.tensor.detached().floats(), "\(own.name)")
        }

        next.network.featureSize = 8
        let wider = try SegmentationTask(configuration: next, source: .patches(volumes, next))
        let error = #expect(throws: LearningError.self) { try wider.start(from: model, file: "model.safetensors") }
        #expect(error?.description.contains("featureSize") == true)
    }

    @Test func aDamagedCheckpointIsRefusedByName() throws {
        let folder = try TemporaryDirectory()
        try Data("no checkpoint".utf8).write(to: folder.file("checkpoint.safetensors"))
        let (configuration, volumes) = try setUp(steps: 1)
        let error = #expect(throws: LearningError.self) { try makeLoop(configuration, volumes, folder.url) }
        #expect(error?.description.contains("checkpoint.safetensors") == true)
    }

    @Test func aCheckpointOfAnotherConfigurationIsRefused() throws {
        let folder = try TemporaryDirectory()
        let (configuration, volumes) = try setUp(steps: 1)
        try makeLoop(configuration, volumes, folder.url).run { _ in }
        var other = configuration
        other.loop.seed = 7
        let error = #expect(throws: LearningError.self) { try makeLoop(other, volumes, folder.url) }
        #expect(error?.description.contains("another configuration") == true)
    }

    @Test func aBadConfigurationNamesItsKey() throws {
        var (configuration, volumes) = try setUp(steps: 1)
        configuration.batchSize = 0
        let folder = try TemporaryDirectory()
        #expect(throws: LearningError.configuration(keyPath: "batchSize", reason: "expected at least 1, found 0")) {
            try makeLoop(configuration, volumes, folder.url)
        }
    }

    @Test func validationsKeepWeightsThatSegmentReads() throws {
        Threads.count = 2
        let folder = try TemporaryDirectory()
        var (configuration, volumes) = try setUp(steps: 4)
        configuration.loop.validationInterval = 2
        configuration.validation.spaces = [.resampled, .original]
        let grid = VoxelGrid(shape: SIMD3(24, 24, 24), affine: .diagonal(SIMD3(2, 2, 2)))
        let subject = try ValidationCase(
            name: "box", image: Volume(grid: grid, voxels: volumes[0].intensities.map(Float.init)),
            labels: LabelMap(grid: grid, voxels: Array(volumes[0].labels)),
            labelled: [Organ.liver.rawValue], recipe: configuration.preprocessing)
        let task = try SegmentationTask(configuration: configuration, source: .patches(volumes, configuration), validation: [subject])
        var found: [ValidationSummary] = []
        var rehearsals = 0
        try TrainingLoop(task, configuration: configuration, folder: folder.url).run { event in
            if case .validated(let summary) = event { found.append(summary) }
            if case .rehearsed = event { rehearsals += 1 }
        }
        #expect(rehearsals == 1)
        #expect(found.map(\.step) == [2, 4])
        #expect(found[0].result.tables.map(\.space) == [.resampled, .original])
        #expect(found[0].result.tables[1].table.cases.map(\.name) == ["box"])
        let pictured = try #require(found[1].result.pictured.first)
        #expect(pictured.name == "box" && pictured.prediction.grid == pictured.volume.grid && pictured.reference.grid == pictured.volume.grid)
        #expect(pictured.volume.voxels.max() == 120, "the picture is in HU")
        #expect(pictured.note.hasPrefix("mean Dice 0."))
        let best = try ModelPackage.read(folder.file("best.safetensors"))
        #expect(best.recipe == configuration.preprocessing)
        #expect(best.provenance?.seed == configuration.loop.seed)
    }

    @Test(arguments: [Precision.bf16, .fp16]) func mixedPrecisionLearnsToo(precision: Precision) throws {
        Threads.count = 2
        let folder = try TemporaryDirectory()
        // fp16 skips the first steps until its loss scale fits, and one logged loss is a handful of patches: more steps, and means of three.
        var (configuration, volumes) = try setUp(steps: 60)
        configuration.loop.precision = precision
        var losses: [Double] = []
        try makeLoop(configuration, volumes, folder.url).run { event in
            if case .progressed(let summary) = event { losses.append(summary.loss) }
        }
        let first: Double = losses.prefix(3).reduce(0, +)
        let last: Double = losses.suffix(3).reduce(0, +)
        #expect(last < 0.95 * first)
    }

    @Test func thePublishedRecipeTrains() throws {
        Threads.count = 2
        let folder = try TemporaryDirectory()
        var (configuration, volumes) = try setUp(steps: 30)
        configuration.recipe = .published
        configuration.batchSize = 1
        configuration.loop.optimizer = .adam
        let grid = VoxelGrid(shape: SIMD3(24, 24, 24), affine: .diagonal(SIMD3(2, 2, 2)))
        let prepared = try PreparedVolume(
            name: "box", image: Volume(grid: grid, voxels: volumes[0].intensities.map(Float.init)),
            labels: LabelMap(grid: grid, voxels: Array(volumes[0].labels)), labelled: [Organ.liver.rawValue], recipe: configuration.preprocessing,
            shape: configuration.patch.shape)
        let task = try SegmentationTask(configuration: configuration, source: .published([prepared], configuration))
        var losses: [Double] = []
        try TrainingLoop(task, configuration: configuration, folder: folder.url).run { event in
            if case .progressed(let summary) = event { losses.append(summary.loss) }
        }
        #expect(losses.last! < 0.9 * losses.first!)
    }
}
