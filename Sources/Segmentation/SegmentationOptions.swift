/// An axis of the patient along which windows may be flipped at test time.
public enum FlipAxis: String, Sendable, Codable, CaseIterable {
    case leftRight, posteriorAnterior, inferiorSuperior
}

/// How a volume is segmented with a network.
public struct SegmentationOptions: Sendable, Equatable, Codable {
    /// The share of a window that the next one covers again, in 0 ..< 1.
    public var overlap = 0.25
    /// How overlapping predictions are weighted.
    public var blending = Blending.gaussian
    /// The greatest number of windows per call of the network; a memory budget may lower it.
    public var batchSize = 1
    /// Whether windows without any voxel above the background intensity are left out. They cast no vote; voxels without any vote are
    /// background. A deviation from MONAI, which predicts them all.
    public var skipsBackgroundWindows = true
    /// The axes to flip windows along at test time: the logits of all 2ⁿ combinations are averaged.
    public var flips: [FlipAxis] = []
    /// For each channel the one that means the same organ in a mirror image; `nil` stands for the thirteen organs of `Organ`.
    public var mirroredChannels: [Int]?
    /// The labels to write; the others become background. `nil` writes all.
    public var classes: Set<UInt8>?
    /// The bytes that the process may use at its peak, or `nil` for no limit.
    public var maximumMemory: Int?
    /// Whether the input volume stays in memory and comes back with the result.
    public var keepsInput = false

    public init() {}

    /// Refuses values outside of their range.
    func validate(channelCount: Int) throws(SegmentationError) {
        guard (2...255).contains(channelCount) else { throw .unsupportedChannelCount(channelCount) }
        guard batchSize > 0 else { throw .invalidOption(name: "batchSize", found: "\(batchSize)", expected: "at least 1") }
        guard overlap >= 0, overlap < 1 else {
            throw .invalidOption(name: "overlap", found: "\(overlap)", expected: "a share of at least 0 and less than 1")
        }
        if let budget = maximumMemory, budget <= 0 {
            throw .invalidOption(name: "maximumMemory", found: "\(budget)", expected: "a positive number of bytes")
        }
        if let label = classes?.first(where: { Int($0) >= channelCount }) {
            throw .invalidOption(name: "classes", found: "\(label)", expected: "labels the network knows: 0 to \(channelCount - 1)")
        }
        if let channels = mirroredChannels, channels.sorted() != Array(0..<channelCount) {
            throw .invalidOption(
                name: "mirroredChannels", found: "\(channels)", expected: "a permutation of the channels 0 to \(channelCount - 1)")
        }
    }
}
