/// The sizes of a UNETR.
public struct UNETRConfiguration: Sendable, Codable, Equatable {
    public var inChannels: Int = 1
    public var outChannels: Int = 14
    /// Voxels [X, Y, Z] of one window; multiples of 16.
    public var imageShape: [Int] = [96, 96, 96]
    /// Channels of the decoder at full resolution; doubled at each coarser level.
    public var featureSize: Int = 16
    public var hiddenSize: Int = 768
    public var mlpSize: Int = 3072
    public var headCount: Int = 12
    public var layerCount: Int = 12
    public var patchProjection: PatchProjection = .convolution
    /// Blocks (from 0) whose outputs feed the three inner skip connections. Nil: quarters of the depth, [3, 6, 9] for 12 layers as in MONAI.
    public var hiddenStateTaps: [Int]?

    public init() {}

    /// The published ViT-B/16 network: 96³ windows, 14 channels, 92.8 M parameters.
    public static let base = UNETRConfiguration()

    /// A compact network for CPU use: 26.3 M parameters.
    public static let small: UNETRConfiguration = {
        var configuration = UNETRConfiguration()
        configuration.hiddenSize = 384
        configuration.mlpSize = 1536
        configuration.headCount = 6
        return configuration
    }()

    /// The smallest useful network: about 7 M parameters, 8 layers.
    public static let tiny: UNETRConfiguration = {
        var configuration = UNETRConfiguration()
        configuration.hiddenSize = 192
        configuration.mlpSize = 768
        configuration.headCount = 6
        configuration.layerCount = 8
        return configuration
    }()

    /// The blocks tapped: as configured, or quarters of the depth.
    public var taps: [Int] { hiddenStateTaps ?? [1, 2, 3].map { $0 * layerCount / 4 } }

    /// The encoder's part.
    public var transformer: VisionTransformerConfiguration {
        var configuration = VisionTransformerConfiguration()
        configuration.inChannels = inChannels
        configuration.imageShape = imageShape
        configuration.hiddenSize = hiddenSize
        configuration.mlpSize = mlpSize
        configuration.headCount = headCount
        configuration.layerCount = layerCount
        configuration.patchProjection = patchProjection
        return configuration
    }

    /// Throws naming the first key whose value cannot be.
    public func validate(path: String = "unetr") throws(ConfigurationError) {
        for (name, value) in [("outChannels", outChannels), ("featureSize", featureSize)] where value < 1 {
            throw ConfigurationError(keyPath: "\(path).\(name)", reason: "must be at least 1, found \(value)")
        }
        try transformer.validate(path: path)
        guard taps.count == 3, taps.allSatisfy({ (0..<layerCount).contains($0) }), taps == taps.sorted() else {
            throw ConfigurationError(
                keyPath: "\(path).hiddenStateTaps", reason: "must be three ascending blocks below layerCount \(layerCount), found \(taps)")
        }
    }
}
