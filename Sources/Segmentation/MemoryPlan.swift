/// The memory that a segmentation will use while the network runs: its greatest consumers, and the choices that keep them in budget.
public struct MemoryPlan: Sendable, Equatable, Codable {
    /// One consumer of memory.
    public struct Part: Sendable, Equatable, Codable {
        public var name: String
        public var bytes: Int
    }

    /// The consumers that live at the same time.
    public var parts: [Part]
    /// The number of windows per call of the network.
    public var batchSize: Int
    /// Whether logits in work are kept in half precision.
    public var usesHalfPrecision: Bool

    /// The bytes used at the peak.
    public var peak: Int { parts.reduce(0) { $0 + $1.bytes } }

    /// The parts as a table of two columns, with the sum in the last line.
    public var table: String {
        let rows = parts + [Part(name: "sum", bytes: peak)]
        let width = rows.map(\.name.count).max() ?? 0
        let figures = rows.map { Self.text(bytes: $0.bytes) }
        let figureWidth = figures.map(\.count).max() ?? 0
        return zip(rows, figures).map { row, figure in
            row.name + String(repeating: " ", count: width - row.name.count + 2 + figureWidth - figure.count) + figure
        }.joined(separator: "\n")
    }

    /// A number of bytes in MB (10⁶ bytes), rounded up.
    static func text(bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}

extension MemoryPlan {
    /// What a plan must account for.
    package struct Demand {
        package var inputVoxels: Int
        package var processedShape: SIMD3<Int>
        package var window: SIMD3<Int>
        package var channelCount: Int
        package var keepsInput: Bool
        /// The predictor's own bytes for a batch.
        package var predictorBytes: (Int) -> Int

        package init(
            inputVoxels: Int, processedShape: SIMD3<Int>, window: SIMD3<Int>, channelCount: Int, keepsInput: Bool,
            predictorBytes: @escaping (Int) -> Int
        ) {
            self.inputVoxels = inputVoxels
            self.processedShape = processedShape
            self.window = window
            self.channelCount = channelCount
            self.keepsInput = keepsInput
            self.predictorBytes = predictorBytes
        }
    }

    /// The first plan that keeps the budget: as asked for, then with smaller batches, then with logits in half precision.
    /// - Throws: `SegmentationError.memoryBudget` with the smallest plan when none does.
    package static func plan(_ demand: Demand, batchSize: Int, budget: Int?) throws(SegmentationError) -> MemoryPlan {
        guard let budget else { return plan(demand, batchSize: batchSize, usesHalfPrecision: false) }
        for usesHalfPrecision in [false, true] {
            for batch in stride(from: batchSize, through: 1, by: -1) {
                let plan = plan(demand, batchSize: batch, usesHalfPrecision: usesHalfPrecision)
                if plan.peak <= budget { return plan }
            }
        }
        throw .memoryBudget(budget: budget, plan: plan(demand, batchSize: 1, usesHalfPrecision: true))
    }

    private static func plan(_ demand: Demand, batchSize: Int, usesHalfPrecision: Bool) -> MemoryPlan {
        let shape = demand.processedShape
        let windowCount = demand.window.x * demand.window.y * demand.window.z
        let slab =
            usesHalfPrecision
            ? LogitSlab<HalfLogit>.bytes(shape: shape, channelCount: demand.channelCount, windowDepth: demand.window.z)
            : LogitSlab<Float>.bytes(shape: shape, channelCount: demand.channelCount, windowDepth: demand.window.z)
        var parts = [
            Part(name: "processed volume", bytes: shape.x * shape.y * shape.z * 4),
            Part(name: "logits in work (\(usesHalfPrecision ? "half" : "single") precision)", bytes: slab),
            Part(name: "windows and their logits (batch of \(batchSize))", bytes: batchSize * windowCount * (1 + demand.channelCount) * 4),
            Part(name: "network (batch of \(batchSize))", bytes: demand.predictorBytes(batchSize)),
            Part(name: "label map", bytes: demand.inputVoxels),
        ]
        if demand.keepsInput { parts.insert(Part(name: "input volume", bytes: demand.inputVoxels * 4), at: 0) }
        return MemoryPlan(parts: parts, batchSize: batchSize, usesHalfPrecision: usesHalfPrecision)
    }
}
