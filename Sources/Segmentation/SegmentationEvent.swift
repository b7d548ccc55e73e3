import MedicalImaging

/// The stages of a segmentation.
public enum SegmentationStage: String, Sendable, Codable, CaseIterable {
    /// Reorienting, resampling and windowing the input.
    case preprocess
    /// The network's own work.
    case network
    /// Copying windows and adding up their logits.
    case blend
    /// Probabilities, inverse resampling and argmax at the original grid.
    case export
}

/// What happens during a segmentation, in this order: preprocessed, planned, windows (many times).
public enum SegmentationEvent: Sendable {
    /// The volume has been brought to the network's grid.
    case preprocessed(grid: VoxelGrid, seconds: Double)
    /// The windows and the memory have been planned.
    case planned(windows: WindowPlan, memory: MemoryPlan)
    /// `done` of `total` windows (times flips) are done, `skipped` of them without the network.
    case windows(done: Int, skipped: Int, total: Int)
}

/// A segmented volume.
public struct SegmentationResult: Sendable {
    /// The label of each voxel, on the grid of the input.
    public var labels: LabelMap
    /// The input, when it was to be kept.
    public var input: Volume<Float>?
    /// The seconds spent in each stage.
    public var seconds: [SegmentationStage: Double]
    /// The windows (times flips) that the network predicted.
    public var windowsRun: Int
    /// The windows (times flips) that were left out as background.
    public var windowsSkipped: Int
    /// The memory that was planned.
    public var plan: MemoryPlan
}
