/// The sizes of a 3-D vision transformer.
public struct VisionTransformerConfiguration: Sendable, Codable, Equatable {
    public var inChannels: Int = 1
    /// Voxels [X, Y, Z] of one input window; multiples of `patchShape`.
    public var imageShape: [Int] = [96, 96, 96]
    public var patchShape: [Int] = [16, 16, 16]
    public var hiddenSize: Int = 768
    public var mlpSize: Int = 3072
    public var headCount: Int = 12
    public var layerCount: Int = 12
    public var patchProjection: PatchProjection = .convolution

    public init() {}

    /// Tokens along each axis.
    public var gridShape: [Int] { zip(imageShape, patchShape).map { $0 / $1 } }
    /// Tokens of a window.
    public var tokenCount: Int { gridShape.reduce(1, *) }

    /// Throws naming the first key whose value cannot be.
    public func validate(path: String = "vit") throws(ConfigurationError) {
        for (name, value) in [
            ("inChannels", inChannels), ("hiddenSize", hiddenSize), ("mlpSize", mlpSize), ("headCount", headCount), ("layerCount", layerCount),
        ] where value < 1 {
            throw ConfigurationError(keyPath: "\(path).\(name)", reason: "must be at least 1, found \(value)")
        }
        for (name, shape) in [("imageShape", imageShape), ("patchShape", patchShape)] where shape.count != 3 || shape.contains(where: { $0 < 1 }) {
            throw ConfigurationError(keyPath: "\(path).\(name)", reason: "must be three positive numbers, found \(shape)")
        }
        for (size, patch) in zip(imageShape, patchShape) where size % patch != 0 {
            throw ConfigurationError(keyPath: "\(path).imageShape", reason: "must be multiples of the patch \(patchShape), found \(imageShape)")
        }
        if hiddenSize % headCount != 0 {
            throw ConfigurationError(keyPath: "\(path).hiddenSize", reason: "must be a multiple of headCount \(headCount), found \(hiddenSize)")
        }
    }
}

/// A configuration that cannot be built: which key, and why.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public var keyPath: String
    public var reason: String

    public init(keyPath: String, reason: String) {
        self.keyPath = keyPath
        self.reason = reason
    }

    public var description: String { "\(keyPath) \(reason)" }
}
