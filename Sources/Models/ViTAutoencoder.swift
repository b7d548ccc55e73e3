import Torch
import TorchNN

/// The pre-training network: a vision transformer and two transposed convolutions that paint the image back (MONAI `ViTAutoEnc`).
public struct ViTAutoencoder: Module {
    public static let stateNames = ["transformer": "", "upsampling1": "conv3d_transpose", "upsampling2": "conv3d_transpose_1"]

    public let transformer: VisionTransformer
    public let upsampling1: TransposedConvolution3D
    public let upsampling2: TransposedConvolution3D

    /// - Parameter decoderChannels: channels between the two transposed convolutions.
    public init(_ configuration: VisionTransformerConfiguration, outChannels: Int = 1, decoderChannels: Int = 16, generator: Generator? = nil) throws
    {
        transformer = try VisionTransformer(configuration, generator: generator)
        let scales = try configuration.patchShape.map { size in
            let root = Int(Double(size).squareRoot().rounded())
            guard root * root == size else {
                throw ConfigurationError(
                    keyPath: "vit.patchShape", reason: "must be squares (4, 9, 16) for two equal upsamplings, found \(configuration.patchShape)")
            }
            return root
        }
        upsampling1 = try TransposedConvolution3D(
            .init(configuration.hiddenSize, decoderChannels, kernel: scales, stride: scales), generator: generator)
        upsampling2 = try TransposedConvolution3D(.init(decoderChannels, outChannels, kernel: scales, stride: scales), generator: generator)
    }

    /// image [batch, channel, X, Y, Z] → the reconstruction of the same shape, and the hidden states.
    /// - Parameter tape: takes the parts of the network as segments, so that their activations are computed twice and not kept.
    public func callAsFunction(
        _ image: Tensor, tape: RecomputationTape? = nil
    ) throws(TorchError) -> (reconstruction: Tensor, hiddenStates: [Tensor]) {
        let (tokens, hiddenStates) = try transformer(image, tape: tape)
        let reconstruction = try tape.run([tokens]) { (inputs, _) throws(TorchError) in
            try upsampling2(upsampling1(transformer.volume(inputs[0])))
        }
        return (reconstruction, hiddenStates)
    }
}
