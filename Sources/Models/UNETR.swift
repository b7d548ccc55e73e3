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
    /// - Parameter tape: takes transformer blocks, encoders and decoders as segments, so that their activations are computed twice and not kept.
    public func callAsFunction(_ image: Tensor, tape: RecomputationTape? = nil) throws(TorchError) -> Tensor {
        let (tokens, hiddenStates) = try transformer(image, tape: tape)
        return try decoded(image, tokens, hiddenStates, tape)
    }

    /// The convolutional part: what the image and the transformer's tokens become.
    func decoded(_ image: Tensor, _ tokens: Tensor, _ hidden: [Tensor], _ tape: RecomputationTape?) throws(TorchError) -> Tensor {
        let taps = configuration.taps
        let skip1 = try tape.run([image]) { (inputs, _) throws(TorchError) in try encoder1(inputs[0].channelsLast()) }
        let skip2 = try skip(encoder2, of: hidden[taps[0]], tape)
        let skip3 = try skip(encoder3, of: hidden[taps[1]], tape)
        let skip4 = try skip(encoder4, of: hidden[taps[2]], tape)
        let level8 = try tape.run([tokens, skip4]) { (inputs, _) throws(TorchError) in
            try decoder5(transformer.volume(inputs[0]), skip: inputs[1])
        }
        let level4 = try join(decoder4, level8, skip3, tape)
        let level2 = try join(decoder3, level4, skip2, tape)
        let level1 = try join(decoder2, level2, skip1, tape)
        return try output(level1)
    }

    private func skip(_ encoder: TokenEncoder, of tokens: Tensor, _ tape: RecomputationTape?) throws(TorchError) -> Tensor {
        try tape.run([tokens]) { (inputs, _) throws(TorchError) in try encoder(transformer.volume(inputs[0])) }
    }

    private func join(_ decoder: Decoder, _ coarse: Tensor, _ skip: Tensor, _ tape: RecomputationTape?) throws(TorchError) -> Tensor {
        try tape.run([coarse, skip]) { (inputs, _) throws(TorchError) in try decoder(inputs[0], skip: inputs[1]) }
    }
}
