/// The sizes of a network, as stored under the metadata key `architecture`; enough to build it and to list its tensors.
///
/// The JSON keys are those of the network configurations, so that either reads what the other writes.
public struct Architecture: Sendable, Codable, Equatable {
    /// The networks that weights may belong to.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// UNETR: transformer and convolutional decoder.
        case unetr
        /// The pre-training auto-encoder: transformer and two transposed convolutions (MONAI `ViTAutoEnc`).
        case vitAutoencoder
        /// A UNETR that was pre-trained to restore images: to start a segmentation network from.
        case restoringUNETR
        /// The transformer alone: a backbone to start from.
        case visionTransformer
    }

    /// How patches become tokens.
    public enum PatchProjection: String, Sendable, Codable, CaseIterable {
        /// A convolution whose stride is its kernel.
        case convolution = "conv"
        /// A linear layer over the patch's voxels in the order [x, y, z, channel].
        case perceptron
    }

    public var kind: Kind = .unetr
    public var inChannels = 1
    /// Output channels: classes with the background for a UNETR, image channels for what restores images.
    public var outChannels = 14
    /// Voxels [X, Y, Z] of the network's window; multiples of the patch.
    public var imageShape = [96, 96, 96]
    public var patchShape = [16, 16, 16]
    /// UNETR: channels of the decoder at full resolution. Auto-encoder: channels between the transposed convolutions.
    public var featureSize = 16
    public var hiddenSize = 768
    public var mlpSize = 3072
    public var headCount = 12
    public var layerCount = 12
    public var patchProjection = PatchProjection.convolution
    /// The blocks (from 0) whose outputs feed the skip connections; `nil` for quarters of the depth.
    public var hiddenStateTaps: [Int]?

    /// The published ViT-B/16 UNETR: 96³ voxels, 14 channels.
    public init() {}

    /// Decodes; a network configuration that does not say its kind or patch is a UNETR with patches of 16³.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        kind = try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .unetr
        inChannels = try values.decode(Int.self, forKey: .inChannels)
        outChannels = try values.decode(Int.self, forKey: .outChannels)
        imageShape = try values.decode([Int].self, forKey: .imageShape)
        patchShape = try values.decodeIfPresent([Int].self, forKey: .patchShape) ?? [16, 16, 16]
        featureSize = try values.decode(Int.self, forKey: .featureSize)
        hiddenSize = try values.decode(Int.self, forKey: .hiddenSize)
        mlpSize = try values.decode(Int.self, forKey: .mlpSize)
        headCount = try values.decode(Int.self, forKey: .headCount)
        layerCount = try values.decode(Int.self, forKey: .layerCount)
        patchProjection = try values.decodeIfPresent(PatchProjection.self, forKey: .patchProjection) ?? .convolution
        hiddenStateTaps = try values.decodeIfPresent([Int].self, forKey: .hiddenStateTaps)
    }

    /// Tokens of a window.
    public var tokenCount: Int { zip(imageShape, patchShape).reduce(1) { $0 * ($1.0 / $1.1) } }

    /// Checks that the sizes fit together.
    /// - Throws: `WeightError.Problem.metadata` whose reason names the key.
    public func validate() throws(WeightError) {
        let sizes = [
            ("inChannels", inChannels), ("outChannels", outChannels), ("featureSize", featureSize), ("hiddenSize", hiddenSize), ("mlpSize", mlpSize),
            ("headCount", headCount), ("layerCount", layerCount),
        ]
        for (name, size) in sizes where !(1...1_000_000).contains(size) { throw failure(name, "must lie in 1…1000000, found \(size)") }
        guard layerCount <= 1000 else { throw failure("layerCount", "must be at most 1000, found \(layerCount)") }
        for (name, shape) in [("imageShape", imageShape), ("patchShape", patchShape)]
        where shape.count != 3 || !shape.allSatisfy({ (1...10_000).contains($0) }) {
            throw failure(name, "must be three numbers in 1…10000, found \(shape)")
        }
        guard zip(imageShape, patchShape).allSatisfy({ $0 % $1 == 0 }) else {
            throw failure("imageShape", "must be multiples of patchShape \(patchShape), found \(imageShape)")
        }
        guard hiddenSize % headCount == 0 else { throw failure("headCount", "must divide hiddenSize \(hiddenSize), found \(headCount)") }
        if let taps = hiddenStateTaps, taps.count != 3 || taps != taps.sorted() || !taps.allSatisfy((0..<layerCount).contains) {
            throw failure("hiddenStateTaps", "must be three ascending blocks below layerCount \(layerCount), found \(taps)")
        }
    }

    private func failure(_ key: String, _ reason: String) -> WeightError {
        WeightError(.metadata(key: "architecture", reason: "\(key) \(reason)"))
    }
}
