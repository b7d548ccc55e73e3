import Foundation
import Models
import Torch
import TorchNN

/// What leaves each leaky ReLU of a UNETR, in the order in which they run. A value has the sign of what went in, so the trace tells on which side
/// of the kink single precision saw it.
///
/// The forward pass of `UNETR`, written out over its public parts; `run` refuses to differ from the network itself.
struct ActivationTrace {
    private var outputs: [Tensor] = []

    /// Writes the trace of an image [batch, in, X, Y, Z]: `000`, `001`, ….
    static func write(_ network: UNETR, _ image: Tensor, to url: URL) throws {
        var trace = ActivationTrace()
        try withoutGradients { try trace.run(network, image) }
        try TensorFile.write(trace.outputs.enumerated().map { (name: String(format: "%03d", $0.offset), tensor: $0.element) }, to: url)
    }

    private mutating func run(_ network: UNETR, _ image: Tensor) throws {
        let (tokens, hidden) = try network.transformer(image)
        let configuration = network.configuration
        func volume(_ tokens: Tensor) throws -> Tensor {
            let grid = network.transformer.configuration.gridShape
            return try tokens.reshaped(to: [-1] + grid + [configuration.hiddenSize]).permuted([0, 4, 1, 2, 3])
        }
        let taps = configuration.taps
        let skip1 = try block(network.encoder1.layer, image.channelsLast())
        let skip2 = try encoder(network.encoder2, volume(hidden[taps[0]]))
        let skip3 = try encoder(network.encoder3, volume(hidden[taps[1]]))
        let skip4 = try encoder(network.encoder4, volume(hidden[taps[2]]))
        var x = try decoder(network.decoder5, volume(tokens), skip: skip4)
        x = try decoder(network.decoder4, x, skip: skip3)
        x = try decoder(network.decoder3, x, skip: skip2)
        x = try decoder(network.decoder2, x, skip: skip1)
        guard try network.output.convolution(x).floats() == network(image).floats() else {
            throw RequestError(reason: "the trace of the activations is not that of UNETR any more: bring ActivationTrace up to date")
        }
    }

    private mutating func block(_ block: ResidualBlock, _ x: Tensor) throws -> Tensor {
        let result = try x.residualBlock(
            conv1: block.conv1.convolution.weight, conv2: block.conv2.convolution.weight, conv3: block.conv3?.convolution.weight)
        outputs += [try x.normalizedConvolution(block.conv1.convolution.weight), result]
        return result
    }

    private mutating func encoder(_ encoder: TokenEncoder, _ tokens: Tensor) throws -> Tensor {
        var x = try encoder.firstDoubling.convolution(tokens)
        for stage in encoder.stages { x = try block(stage.block, stage.doubling.convolution(x)) }
        return x
    }

    private mutating func decoder(_ decoder: Decoder, _ coarse: Tensor, skip: Tensor) throws -> Tensor {
        try block(decoder.block, Tensor.concatenated([decoder.doubling.convolution(coarse), skip], axis: 1))
    }
}
