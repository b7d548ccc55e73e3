import Evaluation
import Foundation
import Learning
import MedicalImaging
import TestSupport
import Testing
import Torch

/// Validation by several processes gives what one process finds, bit by bit.
@Suite(.serialized) struct SharedValidationTests {
    private let cohort: Cohort

    init() throws { cohort = try Cohort(5) }

    /// What every rank of `size` finds with the weights of the first.
    private func validate<Task: LearningTask & SendableMetatype>(
        _ size: Int, _ weights: [[Float]], _ make: @escaping @Sendable (WorkShares) throws -> Task
    ) throws -> [(result: ValidationResult, rehearsed: Bool)] {
        try Ranks.run(size) { rank, port in
            let shares = WorkShares(size == 1 ? nil : try ProcessGroup(Launch(rank: rank, size: size, port: port), timeout: 60))
            let task = try make(shares)
            try withoutGradients { () throws(TorchError) in
                for (parameter, values) in zip(task.parameters, weights) {
                    try parameter.tensor.assign(Tensor(values, shape: parameter.tensor.shape))
                }
            }
            try task.rehearse(among: shares)
            return (try #require(try withoutGradients { try task.validate(step: 3, among: shares) }), true)
        }.map { try $0.get() }
    }

    /// Five cases, measured on both grids.
    private func segmentation(_ shares: WorkShares) throws -> SegmentationTask {
        var configuration = cohort.training
        (configuration.validation.spaces, configuration.validation.picturedCases) = ([.resampled, .original], 3)
        let cache = try SampleCache(CacheOptions(), seed: 1)
        let cases = try cache.validation(cohort.items, ValidationCase.reader(configuration.preprocessing), among: shares)
        let source = try SegmentationSource.load([cohort.list], configuration, cache: cache)
        return try SegmentationTask(configuration: configuration, source: source, validation: cases)
    }

    @Test func tablesAndWorstCasesAreThoseOfOneProcess() throws {
        let weights = try segmentation(WorkShares()).parameters.map { try $0.tensor.floats() }
        let alone = try validate(1, weights, segmentation)[0].result
        #expect(alone.tables[0].table.cases.map(\.name) == (0..<5).map { "ct\($0)" })
        #expect(alone.pictured.count == 3)
        // With six ranks one has no case.
        for size in [2, 6] {
            let found = try validate(size, weights, segmentation)
            for (rank, (result, _)) in found.enumerated() {
                #expect(Self.bits(result) == Self.bits(alone), "rank \(rank) of \(size)")
                let pictured = rank == 0 ? alone.pictured : []
                #expect(result.pictured.map(\.name) == pictured.map(\.name))
                for (own, expected) in zip(result.pictured, pictured) {
                    #expect(own.prediction == expected.prediction && own.reference == expected.reference && own.volume == expected.volume)
                }
            }
        }
    }

    @Test func preTrainingFindsWhatOneProcessFinds() throws {
        let (cohort, folder) = (cohort, try TemporaryDirectory())
        @Sendable func make(_ shares: WorkShares) throws -> PretrainingTask {
            let configuration = cohort.pretraining
            let cache = try SampleCache(CacheOptions(), seed: 1)
            let reader = PretrainingVolume.reader(configuration.recipe)
            let validation = try cache.validation(cohort.items, reader, among: shares)
            return try PretrainingTask(
                configuration, .init(training: cache.training(cohort.items, reader), validation: validation, folder: folder.url))
        }
        let weights = try make(WorkShares()).parameters.map { try $0.tensor.floats() }
        let alone = try validate(1, weights, make)[0].result
        let panel = folder.file("panels/0000003.png")
        let picture = try Data(contentsOf: panel)
        try FileManager.default.removeItem(at: panel)
        for (result, _) in try validate(2, weights, make) { #expect(Self.bits(result) == Self.bits(alone)) }
        #expect(try Data(contentsOf: panel) == picture)
    }

    /// Every number of a result, NaN being equal to NaN.
    private static func bits(_ result: ValidationResult) -> [UInt64] {
        let cases = result.tables.flatMap { $0.table.cases }
        let summaries = result.tables.flatMap { [$0.table.meanDice, $0.table.meanDiceWithBackground] }
        let numbers =
            [result.score] + result.figures.map(\.value) + cases.flatMap { $0.scores.map(\.dice) + [$0.backgroundDice] }
            + summaries.flatMap { [$0.mean, $0.lowerBound, $0.upperBound] }
        return numbers.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
    }
}
