import Foundation
import Learning
import MedicalImaging
import Segmentation
import TestSupport
import Testing
import Torch
import TorchNN

@Suite(.serialized) struct SparingMemoryTests {
    private static let ways: [(checkpointing: Bool, microBatch: Int?)] = [(true, nil), (false, 1), (false, 3), (true, 2)]

    private func memory(_ way: (checkpointing: Bool, microBatch: Int?)) -> MemoryOptions {
        var memory = MemoryOptions()
        (memory.activationCheckpointing, memory.microBatch) = way
        return memory
    }

    /// The loss and the gradients that a step would descend, by parameter.
    private func gradients<Task: LearningTask>(_ task: Task, _ batch: Task.Source.Batch) throws -> (loss: Double, gradients: [String: [Float]]) {
        for parameter in task.parameters { try parameter.tensor.requiringGradient() }
        var loss = 0.0
        for part in task.parts(of: batch) {
            let value = try task.loss(of: part.batch)
            loss += try value.total.item() * part.share
            try (value.total * part.share).backward()
            try value.tape?.backward()
        }
        var found: [String: [Float]] = [:]
        for parameter in task.parameters { found[parameter.name] = try parameter.tensor.gradient?.floats() }
        return (loss, found)
    }

    /// Gives the parameters of one task to another: starting weights come from a generator that tests running beside this one draw from too.
    private func equal<Task: LearningTask>(_ task: Task, to other: Task) throws -> Task {
        try withoutGradients { () throws(TorchError) in
            for (own, given) in zip(task.parameters, other.parameters) { try own.tensor.assign(given.tensor) }
        }
        return task
    }

    /// The largest difference relative to the largest gradient of all: some parameters before a normalisation have no gradient but rounding.
    private func difference(_ one: [String: [Float]], _ other: [String: [Float]]) throws -> Float {
        try #require(one.keys == other.keys)
        let size = one.values.joined().map(abs).max() ?? 0
        try #require(size > 0.01, "there is something to compare")
        return one.flatMap { name, values in zip(values, other[name]!).map { abs($0 - $1) } }.max()! / size
    }

    /// Losses that are the mean over samples, and losses that are not.
    private static let losses: [@Sendable (inout LossOptions) -> Void] = [
        { _ in }, { $0.sumsOverBatch = true }, { $0.classWeights = (0..<14).map { 0.5 + Double($0) } }, { $0.ignoredLabel = 6 },
    ]

    @Test(arguments: [0, 1, 2, 3], [true, false]) func supervisedGradientsStayTheSame(loss: Int, isComplete: Bool) throws {
        Threads.count = 2
        var configuration = try Cohort(0).training
        configuration.batchSize = 4
        Self.losses[loss](&configuration.loss)
        let batch = try Self.patches(4, isComplete: isComplete)
        func task(_ memory: MemoryOptions) throws -> SegmentationTask {
            configuration.memory = memory
            return try SegmentationTask(configuration: configuration, source: .patches([Self.volume()], configuration))
        }
        let plain = try task(MemoryOptions())
        let whole = try gradients(plain, batch)
        for way in Self.ways {
            let spared = try gradients(equal(task(memory(way)), to: plain), batch)
            // Sums over samples are taken in another order.
            #expect(abs(spared.loss - whole.loss) < 1e-6, "\(way)")
            #expect(try difference(whole.gradients, spared.gradients) < 2e-5, "\(way)")
        }
        let checkpointed = try gradients(equal(task(memory((true, nil))), to: plain), batch)
        #expect(try difference(whole.gradients, checkpointed.gradients) < 1e-6, "the same operations in the same order")
    }

    @Test(arguments: PretrainingObjective.Kind.allCases) func selfSupervisedGradientsStayTheSame(kind: PretrainingObjective.Kind) throws {
        Threads.count = 2
        let cohort = try Cohort(2)
        var configuration = cohort.pretraining
        configuration.objective.kind = kind
        let store = try SampleCache(CacheOptions(), seed: 1).training(cohort.items, PretrainingVolume.reader(configuration.recipe))
        let batch = try PretrainingSampler(configuration: configuration, volumes: store).batch(at: 0)
        func task(_ memory: MemoryOptions) throws -> PretrainingTask {
            configuration.memory = memory
            return try PretrainingTask(configuration, .init(training: store, folder: cohort.folder.url))
        }
        let plain = try task(MemoryOptions())
        let whole = try gradients(plain, batch)
        for way in Self.ways {
            let spared = try gradients(equal(task(memory(way)), to: plain), batch)
            #expect(abs(spared.loss - whole.loss) < 1e-5, "\(way)")
            #expect(try difference(whole.gradients, spared.gradients) < 1e-4, "\(way): the contrastive loss magnifies rounding by 1/τ = 20")
        }
    }

    @Test func aRunInMixedPrecisionComputesItsBlocksInThatPrecisionAgain() throws {
        Threads.count = 2
        var weights: [[[Float]]] = []
        let start = try SegmentationTask(configuration: Cohort(0).training, source: .patches([Self.volume()], Cohort(0).training))
        for checkpointing in [false, true] {
            let folder = try TemporaryDirectory()
            var configuration = try Cohort(0).training
            configuration.memory.activationCheckpointing = checkpointing
            (configuration.loop.precision, configuration.loop.steps, configuration.loop.schedule.warmUpSteps) = (.bf16, 3, 0)
            let task = try SegmentationTask(configuration: configuration, source: .patches([Self.volume()], configuration))
            let loop = try TrainingLoop(equal(task, to: start), configuration: configuration, folder: folder.url)
            try loop.run { _ in }
            weights.append(try loop.averagedWeights.map { try $0.tensor.floats() })
        }
        let apart = zip(weights[0], weights[1]).flatMap { zip($0, $1).map { abs($0 - $1) } }.max()!
        // Adam's steps are 1e-3 each whatever the gradient's size; other precision on the way back would differ by whole steps. A processor without
        // bfloat16 computes in single precision, whose rounding bfloat16 does not hide: a gradient that nearly vanishes makes a hundredth of a step of it.
        let limit: Float = Precision.bf16.effective(on: .cpu) == .bf16 ? 1e-5 : 1e-4
        #expect(apart < limit)
    }

    @Test func tensorsRecordedElsewhereAreRefused() throws {
        let weight = try Tensor([1, 2] as [Float]).requiringGradient()
        let recorded = try weight * 2
        let tape = RecomputationTape()
        #expect(throws: TorchError.self) { try tape.run([recorded]) { (inputs, _) throws(TorchError) in try inputs[0] * 3 } }
        let output = try tape.run([Tensor([3, 4] as [Float])]) { (inputs, _) throws(TorchError) in try inputs[0] * weight }
        try output.sum().backward()
        #expect(weight.gradient == nil, "nothing reaches the parameters before the tape runs")
        try tape.backward()
        #expect(try weight.gradient?.floats() == [3, 4])
    }

    @Test func aMicroBatchOfNothingIsRefused() throws {
        var configuration = try Cohort(0).training
        configuration.memory.microBatch = 0
        #expect(throws: LearningError.configuration(keyPath: "microBatch", reason: "expected at least 1, found 0")) { try configuration.validate() }
        let text = #"{"activationCheckpointing": true, "microBatch": 2, "cache": {"rate": 0.5}}"#
        let read = try ConfigurationFile.read(Data(text.utf8), over: try Cohort(0).training)
        #expect(read.memory.activationCheckpointing && read.memory.microBatch == 2 && read.cache.rate == 0.5)
    }

    private static func volume() throws -> TrainingVolume {
        let grid = VoxelGrid(shape: SIMD3(20, 20, 20), affine: .diagonal(SIMD3(2, 2, 2)))
        var image = Volume<Float>(grid: grid, repeating: 0)
        var labels = LabelMap(grid: grid, repeating: 0)
        for index in image.voxels.indices {
            image.voxels[index] = Float((index * 37) % 200) - 100
            labels.voxels[index] = UInt8((index / 900) % 14)
        }
        return try TrainingVolume(name: "noise", image: image, labels: labels, labelled: Set(1...13))
    }

    /// Patches of one volume, in every second of which only the liver was drawn unless `isComplete`.
    private static func patches(_ count: Int, isComplete: Bool) throws -> [Patch] {
        var configuration = try Cohort(0).training
        configuration.batchSize = count
        var batch = try SegmentationSource.patches([volume()], configuration).batch(at: 0)
        guard !isComplete else { return batch }
        for index in stride(from: 0, to: count, by: 2) {
            batch[index].labelled = [6]
            batch[index].labels = batch[index].labels.map { $0 == 6 ? 6 : 0 }
        }
        return batch
    }
}
