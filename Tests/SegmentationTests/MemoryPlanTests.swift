import MedicalImaging
import Preprocessing
import Segmentation
import Testing

@Suite struct MemoryPlanTests {
    private func demand(channels: Int = 14, keepsInput: Bool = false) -> MemoryPlan.Demand {
        MemoryPlan.Demand(
            inputVoxels: 512 * 512 * 600, processedShape: SIMD3(274, 274, 300), window: SIMD3(96, 96, 96), channelCount: channels,
            keepsInput: keepsInput, predictorBytes: { 1_000_000_000 + $0 * 500_000_000 })
    }

    @Test func withoutBudgetNothingIsReduced() throws {
        let plan = try MemoryPlan.plan(demand(), batchSize: 4, budget: nil)
        #expect(plan.batchSize == 4 && !plan.usesHalfPrecision)
        #expect(plan.peak == plan.parts.reduce(0) { $0 + $1.bytes })
        let keeping = try MemoryPlan.plan(demand(keepsInput: true), batchSize: 4, budget: nil)
        #expect(keeping.peak == plan.peak + 512 * 512 * 600 * 4)
    }

    @Test func aBudgetIsKeptByBatchThenByPrecisionThenRefused() throws {
        var budget = try MemoryPlan.plan(demand(), batchSize: 4, budget: nil).peak
        var seen: [[Int]] = []
        while let plan = try? MemoryPlan.plan(demand(), batchSize: 4, budget: budget) {
            #expect(plan.peak <= budget)
            if seen.last != [plan.batchSize, plan.usesHalfPrecision ? 1 : 0] { seen.append([plan.batchSize, plan.usesHalfPrecision ? 1 : 0]) }
            budget = plan.peak - 1
        }
        #expect(seen == [[4, 0], [3, 0], [2, 0], [1, 0], [1, 1]])
        do {
            _ = try MemoryPlan.plan(demand(), batchSize: 4, budget: budget)
            Issue.record("a budget of \(budget) bytes was accepted")
        } catch {
            guard case .memoryBudget(budget, let plan) = error else { throw error }
            #expect(plan.batchSize == 1 && plan.usesHalfPrecision && plan.peak == budget + 1)
            #expect("\(error)".contains("at least"))
        }
    }

    /// The published goals for 512 × 512 × 600 voxels: 3 GB for 14 classes, 8 GB for 105.
    @Test(arguments: [(14, 3_000_000_000), (105, 8_000_000_000)])
    func theGoalsFit(channels: Int, budget: Int) throws {
        #expect(try MemoryPlan.plan(demand(channels: channels), batchSize: 4, budget: budget).peak <= budget)
    }

    @Test func theTableNamesEveryPart() throws {
        let plan = try MemoryPlan.plan(demand(), batchSize: 2, budget: nil)
        let lines = plan.table.split(separator: "\n")
        #expect(lines.count == plan.parts.count + 1)
        #expect(Set(lines.map(\.count)).count == 1)
        for part in plan.parts { #expect(plan.table.contains(part.name)) }
    }

    @Test func aSegmentationObeysItsBudget() throws {
        let volume = SegmenterTests.volume(SIMD3(30, 30, 30), .identity)
        let predictor = PositionPredictor(channelCount: 4, windowShape: SIMD3(8, 8, 8))
        var options = SegmentationOptions()
        options.batchSize = 8
        let free = try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume)
        options.maximumMemory = free.plan.peak - 1
        let less = try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume)
        #expect(less.plan.batchSize < 8 && less.plan.peak < free.plan.peak)
        #expect(less.labels == free.labels)
        options.maximumMemory = 1000
        #expect(throws: SegmentationError.self) {
            try Segmenter(predictor: predictor, recipe: PreprocessingRecipe(), options: options).segment(volume)
        }
    }

    @Test func optionsOutOfRangeAreRefused() {
        let predictor = ConstantPredictor(logits: [0, 1, 2], windowShape: SIMD3(4, 4, 4))
        let changes: [(inout SegmentationOptions) -> Void] = [
            { $0.overlap = 1 }, { $0.batchSize = 0 }, { $0.maximumMemory = 0 }, { $0.classes = [3] }, { $0.mirroredChannels = [0, 1] },
            { $0.mirroredChannels = [0, 1, 1] }, { $0.overlap = .nan },
        ]
        for change in changes {
            var options = SegmentationOptions()
            change(&options)
            #expect(throws: SegmentationError.self) { try Segmenter(predictor: predictor, recipe: .abdominalCT, options: options) }
        }
        for count in [0, 1, 256] {
            let predictor = ConstantPredictor(logits: [Float](repeating: 0, count: count), windowShape: SIMD3(4, 4, 4))
            #expect(throws: SegmentationError.unsupportedChannelCount(count)) { try Segmenter(predictor: predictor, recipe: .abdominalCT) }
        }
    }
}
