import Foundation
import Learning
import MedicalImaging
import Models
import Preprocessing
import Segmentation
import TestSupport
import Testing
import Torch
import Weights

@Suite(.serialized) struct PretrainingTaskTests {
    /// A small auto-encoder on 32³ crops.
    private func configuration(steps: Int) -> PretrainingConfiguration {
        var network = VisionTransformerConfiguration()
        (network.imageShape, network.hiddenSize, network.mlpSize, network.headCount, network.layerCount) = ([32, 32, 32], 24, 48, 2, 2)
        var configuration = PretrainingConfiguration(network: network)
        (configuration.loop.steps, configuration.loop.epochs) = (steps, nil)
        configuration.loop.schedule.peak = 3e-3
        (configuration.loop.logInterval, configuration.loop.validationInterval, configuration.loop.checkpointInterval) = (5, 1000, 1000)
        (configuration.volumesPerStep, configuration.cropsPerVolume) = (2, 2)
        return configuration
    }

    /// Volumes of waves of different length.
    private func volumes(_ numbers: Range<Int>) -> [PretrainingVolume] {
        numbers.map { number in
            let grid = VoxelGrid(shape: SIMD3(40, 36, 40), affine: .diagonal(SIMD3(2, 2, 2)))
            var volume = Volume<Float>(grid: grid, repeating: 0)
            let length = Float(6 + 2 * number)
            for k in 0..<40 {
                for j in 0..<36 {
                    for i in 0..<40 { volume[i, j, k] = 0.5 + 0.25 * sin(Float(i + j) / length) + 0.25 * cos(Float(k) / length) }
                }
            }
            return PretrainingVolume(name: "wave \(number)", volume)
        }
    }

    private func loop(_ configuration: PretrainingConfiguration, _ folder: TemporaryDirectory, validates: Bool = true) throws -> TrainingLoop<
        PretrainingTask
    > {
        Threads.count = 2
        let setting = PretrainingTask.Setting(training: volumes(0..<3), validation: validates ? volumes(3..<5) : [], folder: folder.url)
        return try TrainingLoop(PretrainingTask(configuration, setting), folder: folder.url)
    }

    @Test(arguments: PretrainingObjective.Kind.allCases, PretrainingConfiguration.Restorer.allCases)
    func theErrorFalls(kind: PretrainingObjective.Kind, restorer: PretrainingConfiguration.Restorer) throws {
        let folder = try TemporaryDirectory()
        var configuration = configuration(steps: 40)
        (configuration.objective.kind, configuration.restorer) = (kind, restorer)
        (configuration.featureSize, configuration.hiddenStateTaps) = (4, [0, 0, 1])
        var figures: [Double] = []
        var validated: ValidationResult?
        try loop(configuration, folder).run { event in
            if case .progressed(let summary) = event { figures.append(summary["reconstruction"] ?? .nan) }
            if case .validated(let validation) = event { validated = validation.result }
        }
        #expect(figures.count == 8)
        #expect(figures.last! < 0.8 * figures.first!)
        let result = try #require(validated)
        #expect(result.score == -(result.figures.first { $0.name == "reconstruction" }?.value ?? .nan))
        #expect(result.figures.contains { $0.name == "effectiveRank" && $0.value >= 1 })
        #expect(result.figures.contains { $0.name == "viewSimilarity" } == (kind == .contrastive))
        let panel = try Data(contentsOf: folder.file("panels/0000040.png"))
        #expect(panel.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func aResumedRunEqualsAnUninterruptedOneBitwise() throws {
        let (one, two) = (try TemporaryDirectory(), try TemporaryDirectory())
        let whole = configuration(steps: 8)
        let uninterrupted = try loop(whole, one)
        try uninterrupted.run { _ in }
        var interrupting = whole
        interrupting.loop.checkpointInterval = 3
        // Stop the run where it saves for the first time, as a kill right after that checkpoint would.
        struct Stop: Error {}
        let first = try loop(interrupting, two)
        #expect(throws: Stop.self) { try first.run { event in if case .saved = event { throw Stop() } } }
        let resumed = try loop(whole, two)
        #expect(resumed.state.step == 3)
        try resumed.run { _ in }
        for ((name, a), (_, b)) in zip(uninterrupted.averagedWeights, resumed.averagedWeights) { #expect(try a.floats() == b.floats(), "\(name)") }
        #expect(uninterrupted.state.bestScore == resumed.state.bestScore)
    }

    @Test func theBestWeightsAreAFileThatTransfers() throws {
        let folder = try TemporaryDirectory()
        try loop(configuration(steps: 3), folder).run { _ in }
        let file = try ModelFile.read(folder.file("best.safetensors"))
        #expect(file.architecture.kind == .vitAutoencoder)
        #expect(file.metadata?.provenance?.results?["validation L1"] != nil)
        #expect(try file.metadata?.recipe(as: PreprocessingRecipe.self)?.minimumShape == [32, 32, 32])
        var target = UNETRConfiguration()
        (target.imageShape, target.hiddenSize, target.mlpSize, target.headCount) = ([32, 32, 32], 24, 48, 2)
        (target.layerCount, target.featureSize, target.hiddenStateTaps) = (2, 4, [0, 0, 1])
        let report = try WeightTransfer(contentsOf: folder.file("best.safetensors")).apply(to: UNETR(target).transformer)
        #expect(report.copied.count == 3 + 2 * 11 + 2)
        #expect(report.isComplete)
        #expect(report.skipped.count == 4)
    }

    /// A UNETR that restores becomes one that segments: all of it but the last layer, bit for bit.
    @Test func aWholeNetworkTransfers() throws {
        let folder = try TemporaryDirectory()
        var configuration = configuration(steps: 3)
        (configuration.restorer, configuration.featureSize, configuration.hiddenStateTaps) = (.unetr, 4, [0, 0, 1])
        try loop(configuration, folder).run { _ in }
        let file = try ModelFile.read(folder.file("best.safetensors"))
        #expect(file.architecture.kind == .restoringUNETR && file.architecture.outChannels == 1)
        #expect(file.architecture.hiddenStateTaps == [0, 0, 1])
        #expect(throws: WeightError.self) { try ModelPackage(file) }

        var target = UNETRConfiguration()
        (target.imageShape, target.hiddenSize, target.mlpSize, target.headCount) = ([32, 32, 32], 24, 48, 2)
        (target.layerCount, target.featureSize, target.hiddenStateTaps, target.outChannels) = (2, 4, [0, 0, 1], 3)
        let network = try UNETR(target)
        let before = try network.output.parameters.map { try $0.floats() }
        let transfer = try WeightTransfer(contentsOf: folder.file("best.safetensors"))
        #expect(transfer.usualPart == .network)
        let report = try transfer.apply(to: network)
        #expect(report.isComplete && report.skipped.map(\.name).allSatisfy { $0.hasPrefix("out.") } && report.skipped.count == 2)
        let stored = file.state
        for (name, tensor) in network.namedParameters() where !name.hasPrefix("out.") {
            #expect(try tensor.floats() == Tensor(#require(stored[name])).floats(), "\(name)")
        }
        #expect(try network.output.parameters.map { try $0.floats() } == before)
    }

    @Test func tokensOfAnotherSizeAreNoneForAUNETR() {
        var configuration = configuration(steps: 1)
        (configuration.restorer, configuration.hiddenStateTaps, configuration.network.patchShape) = (.unetr, [0, 0, 1], [4, 4, 4])
        #expect { try configuration.validate() } throws: { "\($0)".contains("network.patchShape") }
    }

    @Test func otherVolumesAreAnotherRun() throws {
        let folder = try TemporaryDirectory()
        try loop(configuration(steps: 1), folder, validates: false).run { _ in }
        let task = try PretrainingTask(configuration(steps: 1), .init(training: volumes(1..<4), folder: folder.url))
        #expect(throws: LearningError.self) { try TrainingLoop(task, folder: folder.url) }
    }

    /// The published objective in bfloat16 stays finite and near that in single precision.
    @Test func halfPrecisionComputesTheContrastiveLossInSingle() throws {
        let folder = try TemporaryDirectory()
        var losses: [Double] = []
        for precision in ["fp32", "bf16"] {
            var configuration = configuration(steps: 2)
            configuration.loop.precision = precision == "bf16" ? .bf16 : .fp32
            (configuration.loop.logInterval, configuration.loop.rehearses) = (1, false)
            let setting = PretrainingTask.Setting(training: volumes(0..<3), folder: folder.file(precision))
            let loop = try TrainingLoop(PretrainingTask(configuration, setting), folder: folder.file(precision))
            try loop.run { event in if case .progressed(let summary) = event { losses.append(summary["contrastive"] ?? .nan) } }
        }
        // bfloat16 keeps 8 bits of the reconstructions, and similarities are divided by 0.05.
        let areFinite = losses.allSatisfy(\.isFinite)
        #expect(areFinite)
        #expect(abs(losses[0] - losses[2]) < 0.1)
    }
}
