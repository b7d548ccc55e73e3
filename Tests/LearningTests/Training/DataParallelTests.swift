import Foundation
import Learning
import TestSupport
import Testing
import Torch

/// Targets of batches of `size` numbers each: number *i* of the whole run is 1 + 0.1·i mod 7, however it is batched.
private struct CountedSource: BatchSource {
    let size: Int
    /// The batch that cannot be read.
    var damaged: Int?
    var batchesPerEpoch: Int { 8 / size }

    func batch(at index: Int) throws -> [Float] {
        if index == damaged { throw LearningError.sample(name: "liver_7", reason: "cannot be read") }
        return (0..<size).map { 1 + 0.1 * Float((index * size + $0) % 7) }
    }
}

/// The mean squared distance of a product of two parameters from a batch of targets.
private final class ProductTask: LearningTask {
    let source: CountedSource
    let parameters: [(name: String, tensor: Tensor)]

    init(batchSize: Int, start: Float = 0.5, damaged: Int? = nil) throws {
        source = CountedSource(size: batchSize, damaged: damaged)
        parameters = [("left", try Tensor([start])), ("right", try Tensor([0.75 as Float]))]
    }

    func loss(of batch: [Float]) throws -> LossValue {
        let difference = try parameters[0].tensor * parameters[1].tensor - Tensor(batch)
        return LossValue(total: try (difference * difference).mean())
    }

    func validate(step: Int, among shares: WorkShares) throws -> ValidationResult? { ValidationResult(score: Double(step), figures: []) }
    func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws {}
    func values() throws -> [Float] { try parameters.flatMap { try $0.tensor.floats() } }
}

@Suite(.serialized) struct DataParallelTests {
    private var options: LoopOptions {
        var options = LoopOptions.plain(steps: 9, rate: 0.02)
        (options.accumulation, options.gradientClipping, options.weightDecay) = (2, 0.5, 0.01)
        return options
    }

    /// Weights, loss of the last step and best score of every rank.
    private func train(ranks: Int, batchSize: Int) throws -> [Result<(values: [Float], loss: Double, best: Double?), any Error>] {
        let folder = try TemporaryDirectory()
        let options = options
        return try Ranks.run(ranks) { rank, port in
            let processes = ranks == 1 ? nil : try ProcessGroup(Launch(rank: rank, size: ranks, port: port), timeout: 60)
            // Different starting values: those of the first process count.
            let task = try ProductTask(batchSize: batchSize, start: 0.5 + Float(rank))
            let loop = try TrainingLoop(task: task, options: options, folder: folder.url, processes: processes, identity: "product")
            var loss = Double.nan
            try loop.run { if case .progressed(let summary) = $0 { loss = summary.loss } }
            return (try task.values(), loss, loop.state.bestScore)
        }
    }

    @Test func twoProcessesEqualOneWithTwiceTheBatch() throws {
        let alone = try train(ranks: 1, batchSize: 4)[0].get()
        let together = try train(ranks: 2, batchSize: 2).map { try $0.get() }
        for rank in together {
            // The mean of two means is rounded differently from one mean.
            for (found, expected) in zip(rank.values, alone.values) { #expect(abs(found - expected) < 1e-6) }
            #expect(rank.best == 9)
        }
        #expect(together[0].values == together[1].values)
        #expect(abs(together[0].loss - alone.loss) < 1e-6)
        #expect(together[1].loss.isNaN, "only the first process reports")
        #expect(alone.values != [0.5, 0.75])
    }

    /// The message with which each of two ranks ends.
    private func failures(damaged: Int? = nil, report: @escaping @Sendable (TrainingEvent) throws -> Void = { _ in }) throws -> [String] {
        let folder = try TemporaryDirectory()
        let options = options
        let results = try Ranks.run(2) { rank, port in
            let processes = try ProcessGroup(Launch(rank: rank, size: 2, port: port), timeout: 60)
            let task = try ProductTask(batchSize: 2, damaged: damaged)
            try TrainingLoop(task: task, options: options, folder: folder.url, processes: processes, identity: "product").run(onEvent: report)
        }
        return results.map { if case .failure(let error) = $0 { "\(error)" } else { "ended well" } }
    }

    @Test func aBatchThatOneProcessCannotReadEndsBothWithItsName() throws {
        // Of every four batches, two steps of one for each rank, rank 1 takes the odd ones.
        let found = try failures(damaged: 5)
        #expect(found[1] == "case liver_7: cannot be read")
        #expect(found[0] == "\(LearningError.process(rank: 1, reason: found[1]))")
    }

    @Test(arguments: ["progressed", "saved", "validated"])
    func aFullDiskOfTheFirstProcessEndsBothWithItsMessage(event: String) throws {
        let found = try failures { if "\($0)".hasPrefix(event) { throw CocoaError(.fileWriteOutOfSpace) } }
        #expect(found[0] == "\(CocoaError(.fileWriteOutOfSpace))")
        #expect(found[1] == "\(LearningError.process(rank: 0, reason: found[0]))")
    }
}
