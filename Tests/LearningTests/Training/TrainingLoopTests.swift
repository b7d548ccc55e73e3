import Foundation
import Learning
import TestSupport
import Testing
import Torch
import Weights

@Suite(.serialized) struct TrainingLoopTests {
    private func makeLoop(_ task: ToyTask, _ options: LoopOptions, _ folder: TemporaryDirectory) throws -> TrainingLoop<ToyTask> {
        try TrainingLoop(task: task, options: options, folder: folder.url, identity: "toy")
    }

    /// PyTorch 2.11: w = [.5, -.5, .25, -.25]; 3 steps of `Adam(lr=0.1, weight_decay=0.01)` or `AdamW` on mean((w − t)²), t = [1,2,3,4] + 0.1·step.
    @Test(arguments: [
        (LoopOptions.Optimizer.adam, [0.799960136, -0.200007647, 0.549993038, 0.049995489] as [Float]),
        (.adamw, [0.798211813, -0.198803157, 0.548951864, 0.050448872]),
    ])
    func stepsAsPyTorchDoes(optimizer: LoopOptions.Optimizer, expected: [Float]) throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        var options = LoopOptions.plain(steps: 3)
        (options.optimizer, options.weightDecay) = (optimizer, 0.01)
        try makeLoop(task, options, folder).run { _ in }
        // Three float32 steps of size 0.1: a few units in the last place.
        for (found, wanted) in zip(try task.values(), expected) { #expect(abs(found - wanted) < 2e-6) }
    }

    @Test func accumulatedBatchesMakeTheirMeanGradient() throws {
        let one = try TemporaryDirectory()
        let task = try ToyTask()
        var options = LoopOptions.plain(steps: 1)
        options.accumulation = 3
        options.gradientClipping = 1e-3
        var norm = 0.0
        var half = 0.0
        try makeLoop(task, options, one).run { event in
            if case .progressed(let summary) = event { (norm, half) = (summary.gradientNorm, summary["half"] ?? .nan) }
        }
        // Mean gradient: 2/4·(w − t) with t the mean target [1.1, 2.1, 3.1, 4.1].
        let distances = [0.5 - 1.1, -0.5 - 2.1, 0.25 - 3.1, -0.25 - 4.1]
        let expected = distances.reduce(0) { $0 + ($1 / 2) * ($1 / 2) }.squareRoot()
        #expect(abs(norm - expected) < 1e-5)
        let losses = [0.0, 0.1, 0.2].map { (shift: Double) -> Double in
            var sum = 0.0
            for (weight, target) in zip([0.5, -0.5, 0.25, -0.25], [1.0, 2.0, 3.0, 4.0]) {
                let distance = weight - target - shift
                sum += distance * distance
            }
            return sum / 4
        }
        let expectedHalf = losses.reduce(0, +) / 6
        #expect(abs(half - expectedHalf) < 1e-5)
    }

    @Test func frozenParametersStayAndFactorsScale() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        var options = LoopOptions.plain(steps: 1, rate: 0.1)
        options.parameterRules = [ParameterRule(prefix: "encoder.", factor: 0)]
        try makeLoop(task, options, folder).run { _ in }
        let values = try task.values()
        #expect(Array(values[0..<2]) == [0.5, -0.5])
        // Adam's first step has the size of the rate.
        #expect(abs(values[2] - 0.35) < 1e-5)

        let other = try TemporaryDirectory()
        let scaled = try ToyTask()
        options.parameterRules = [ParameterRule(prefix: "encoder.", factor: 0.5)]
        try makeLoop(scaled, options, other).run { _ in }
        #expect(abs(try scaled.values()[0] - 0.55) < 1e-5)
        #expect(abs(try scaled.values()[2] - 0.35) < 1e-5)
    }

    @Test func layersLearnMoreSlowlyTowardsTheInput() {
        var options = LoopOptions()
        options.layerDecay = 0.5
        #expect(options.factor(of: "vit.patch_embedding.cls", blockCount: 4) == 1.0 / 32)
        #expect(options.factor(of: "vit.blocks.0.norm1.weight", blockCount: 4) == 1.0 / 16)
        #expect(options.factor(of: "vit.blocks.3.norm1.weight", blockCount: 4) == 1.0 / 2)
        #expect(options.factor(of: "vit.norm.weight", blockCount: 4) == 1)
        #expect(options.factor(of: "encoder2.blocks.0.conv", blockCount: 0) == 1)
    }

    @Test func aRunInPiecesEqualsAWholeOneBitwise() throws {
        var options = LoopOptions.plain(steps: 20)
        options.averageDecay = 0.9
        options.accumulation = 2
        options.keptBest = 2
        options.schedule.kind = .plateau
        (options.schedule.patience, options.schedule.factor) = (1, 0.5)
        let scores = (0..<20).map { sin(Double($0)) }
        let one = try TemporaryDirectory()
        let whole = try ToyTask()
        whole.scores = scores
        let uninterrupted = try makeLoop(whole, options, one)
        try uninterrupted.run { _ in }

        struct Stop: Error {}
        let two = try TemporaryDirectory()
        for end in [3, 4, 11, 17, 21] {
            let task = try ToyTask()
            var pieces = options
            pieces.checkpointInterval = 1
            let loop = try makeLoop(task, pieces, two)
            // Scores depend on the step alone, as a validation of equal weights would.
            task.scores = Array(scores[loop.state.step...])
            do { try loop.run { event in if case .saved(_, let step) = event, step == end { throw Stop() } } } catch is Stop {}
            if end == 21 {
                #expect(try task.values() == whole.values())
                #expect(try loop.averagedWeights.map { try $0.tensor.floats() } == uninterrupted.averagedWeights.map { try $0.tensor.floats() })
                #expect(loop.state == uninterrupted.state)
                #expect(loop.state.reductions > 0)
            }
        }
    }

    @Test func theBestWeightsAreKeptAndTheOthersRemoved() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        task.scores = [0.1, 0.5, 0.3, 0.4, .nan, 0.2]
        var options = LoopOptions.plain(steps: 6)
        options.keptBest = 2
        let loop = try makeLoop(task, options, folder)
        var best: [Int] = []
        try loop.run { event in if case .validated(let summary) = event, summary.isBest { best.append(summary.step) } }
        #expect(best == [1, 2])
        #expect(loop.state.kept.map(\.step) == [2, 4])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix("best") }.sorted()
        #expect(names == ["best-0000002.safetensors", "best-0000004.safetensors", "best.safetensors"])
        #expect(try WeightFile.readSafetensors(folder.file("best.safetensors")).metadata["step"] == "2")
    }

    @Test func validationMeasuresTheAverageAndLeavesTheWeights() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        var options = LoopOptions.plain(steps: 5)
        options.averageDecay = 0.9
        let loop = try makeLoop(task, options, folder)
        try loop.run { _ in }
        let own = try task.values()
        let averages = try loop.averagedWeights.flatMap { try $0.tensor.floats() }
        #expect(own != averages)
        #expect(try loop.withAveragedWeights { try task.values() } == averages)
        #expect(try task.values() == own)
    }

    @Test func aScoreThatStandsStillEndsTheRun() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        task.scores = [0.1, 0.2, 0.2005, 0.2, 0.2]
        var options = LoopOptions.plain(steps: 50)
        (options.patience, options.minimumRise) = (2, 0.01)
        var reason: TrainingEvent.StopReason?
        let loop = try makeLoop(task, options, folder)
        try loop.run { event in if case .finished(_, let why) = event { reason = why } }
        #expect(reason == .plateau)
        #expect(loop.state.step == 4)
    }

    @Test func epochsTakeThePlaceOfSteps() throws {
        let folder = try TemporaryDirectory()
        var options = LoopOptions.plain(steps: 1)
        (options.epochs, options.accumulation) = (3, 5)
        // 3 epochs of 4 batches, 5 batches a step.
        #expect(try makeLoop(ToyTask(), options, folder).steps == 3)
    }

    @Test func aLossThatIsNoNumberEndsTheRunByName() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        task.spoilers[2] = .nan
        let loop = try makeLoop(task, .plain(steps: 5), folder)
        let error = #expect(throws: LearningError.self) { try loop.run { _ in } }
        #expect(error?.description.contains("step 2") == true)
    }

    @Test func halfPrecisionLeavesOverflowingStepsOut() throws {
        let folder = try TemporaryDirectory()
        let task = try ToyTask()
        // 3·10³⁸ times a loss of about 6 overflows float32 once scaled.
        task.spoilers[1] = 3e37
        var options = LoopOptions.plain(steps: 3)
        options.precision = .fp16
        var skipped: [Int] = []
        let loop = try makeLoop(task, options, folder)
        try loop.run { event in if case .skipped(let step, let scale) = event, scale == 32768 { skipped.append(step) } }
        #expect(skipped == [1])
        #expect(loop.state.step == 3)
        #expect(try task.values().allSatisfy { $0.isFinite })
    }

    @Test func theDryRunLeavesNoTrace() throws {
        let (one, two) = (try TemporaryDirectory(), try TemporaryDirectory())
        var options = LoopOptions.plain(steps: 4)
        let plain = try ToyTask()
        try makeLoop(plain, options, one).run { _ in }
        options.rehearses = true
        let rehearsed = try ToyTask()
        try makeLoop(rehearsed, options, two).run { _ in }
        #expect(rehearsed.rehearsals == 1)
        #expect(try rehearsed.values() == plain.values())
    }

    @Test func aCheckpointOfAnotherConfigurationNamesTheKey() throws {
        let folder = try TemporaryDirectory()
        try makeLoop(ToyTask(), .plain(steps: 1), folder).run { _ in }
        var options = LoopOptions.plain(steps: 9)
        options.schedule.peak = 0.2
        let error = #expect(throws: LearningError.self) { try makeLoop(ToyTask(), options, folder) }
        #expect(error?.description.contains("schedule.peak was 0.1, is now 0.2") == true)
    }

    @Test func freezingEverythingIsRefused() throws {
        let folder = try TemporaryDirectory()
        var options = LoopOptions.plain(steps: 1)
        options.parameterRules = [ParameterRule(prefix: "", factor: 0)]
        #expect(throws: LearningError.self) { try makeLoop(ToyTask(), options, folder) }
    }
}
