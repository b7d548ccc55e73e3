import Torch
import TorchNN

/// UNETR: a vision transformer whose intermediate tokens feed a convolutional decoder (Hatamizadeh et al. 2022; layout of MONAI `UNETR`
/// with convolutional or perceptron patches, instance norm, residual blocks).
public struct UNETR: Module {
    public static let stateNames = ["transformer": "vit", "output": "out.conv"]

    public let transformer: VisionTransformer
    public let encoder1: ImageEncoder
    public let encoder2: TokenEncoder
    public let encoder3: TokenEncoder
    public let encoder4: TokenEncoder
    public let decoder5: Decoder
    public let decoder4: Decoder
    public let decoder3: Decoder
    public let decoder2: Decoder
    public let output: WrappedConvolution
    public let configuration: UNETRConfiguration

    /// A network with PyTorch's starting values, drawn from `generator` or the default one.
    public init(_ configuration: UNETRConfiguration, generator: Generator? = nil) throws {
        try configuration.validate()
        let (width, feature) = (configuration.hiddenSize, configuration.featureSize)
        transformer = try VisionTransformer(configuration.transformer, generator: generator)
        encoder1 = try ImageEncoder(configuration.inChannels, feature, generator: generator)
        encoder2 = try TokenEncoder(width, feature * 2, furtherDoublings: 2, generator: generator)
        encoder3 = try TokenEncoder(width, feature * 4, furtherDoublings: 1, generator: generator)
        encoder4 = try TokenEncoder(width, feature * 8, furtherDoublings: 0, generator: generator)
        decoder5 = try Decoder(width, feature * 8, generator: generator)
        decoder4 = try Decoder(feature * 8, feature * 4, generator: generator)
        decoder3 = try Decoder(feature * 4, feature * 2, generator: generator)
        decoder2 = try Decoder(feature * 2, feature, generator: generator)
        output = try WrappedConvolution(feature, configuration.outChannels, kernel: 1, hasBias: true, generator: generator)
        self.configuration = configuration
    }

    /// image [batch, in, X, Y, Z] → logits [batch, out, X, Y, Z]
    public func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        let (tokens, hidden) = try transformer(image)
        let taps = configuration.taps
        let skip1 = try encoder1(image.channelsLast())
        let skip2 = try encoder2(transformer.volume(hidden[taps[0]]))
        let skip3 = try encoder3(transformer.volume(hidden[taps[1]]))
        let skip4 = try encoder4(transformer.volume(hidden[taps[2]]))
        let level8 = try decoder5(transformer.volume(tokens), skip: skip4)
        let level4 = try decoder4(level8, skip: skip3)
        let level2 = try decoder3(level4, skip: skip2)
        let level1 = try decoder2(level2, skip: skip1)
        return try output(level1)
    }
}
