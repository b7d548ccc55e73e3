import Segmentation

/// How labelled volumes are segmented to measure a network. The defaults are the published ones (overlap 0.25, constant blending).
public struct ValidationOptions: Codable, Sendable, Equatable {
    /// The share of a window that the next one covers again, in 0 ..< 1.
    public var overlap = 0.25
    /// How overlapping predictions are weighted.
    public var blending = Blending.constant
    /// Windows per call of the network.
    public var windowBatch = 1
    /// On which voxels scores are measured; the first is the one that decides.
    public var spaces: [EvaluationSpace] = [.resampled]
    /// Whether windows without any foreground are left out; MONAI predicts them all.
    public var skipsBackgroundWindows = false

    /// How many of the worst cases of a validation are handed to its listeners for pictures.
    public var picturedCases = 3

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate(path: String = "validation") throws(LearningError) {
        guard overlap >= 0, overlap < 1 else {
            throw .configuration(keyPath: "\(path).overlap", reason: "expected a share 0 ≤ overlap < 1, found \(overlap)")
        }
        guard windowBatch > 0 else { throw .configuration(keyPath: "\(path).windowBatch", reason: "expected at least 1, found \(windowBatch)") }
        guard picturedCases >= 0 else {
            throw .configuration(keyPath: "\(path).picturedCases", reason: "expected at least 0, found \(picturedCases)")
        }
        guard !spaces.isEmpty, Set(spaces).count == spaces.count else {
            throw .configuration(
                keyPath: "\(path).spaces", reason: "expected resampled, original or both, each once, found \(spaces.map(\.rawValue))")
        }
    }
}
