import Torch
import TorchNN

/// A 3-D vision transformer without class token (Dosovitskiy et al.; MONAI `ViT`, classification False).
public struct VisionTransformer: Module {
    public let patchEmbedding: PatchEmbedding
    public let blocks: [TransformerBlock]
    public let norm: LayerNorm
    public let configuration: VisionTransformerConfiguration

    public init(_ configuration: VisionTransformerConfiguration, generator: Generator? = nil) throws {
        try configuration.validate()
        patchEmbedding = try PatchEmbedding(configuration, generator: generator)
        var blocks: [TransformerBlock] = []
        for _ in 0..<configuration.layerCount { blocks.append(try TransformerBlock(configuration, generator: generator)) }
        self.blocks = blocks
        norm = try LayerNorm(configuration.hiddenSize)
        self.configuration = configuration
    }

    /// image [batch, channel, X, Y, Z] → the normalised last tokens [batch, tokens, width], and every block's output.
    /// - Parameter tape: takes every block as a segment, so that its activations are computed twice and not kept.
    public func callAsFunction(_ image: Tensor, tape: RecomputationTape? = nil) throws(TorchError) -> (tokens: Tensor, hiddenStates: [Tensor]) {
        let expected = [configuration.inChannels] + configuration.imageShape
        guard image.rank == 5, Array(image.shape.dropFirst()) == expected else {
            throw .operation("vision transformer", operands: [image.summary], reason: "an image of [batch] + \(expected) is expected")
        }
        var x = try tape.run([image]) { (inputs, _) throws(TorchError) in try patchEmbedding(inputs[0]) }
        var hiddenStates: [Tensor] = []
        for block in blocks {
            x = try tape.run([x]) { (inputs, _) throws(TorchError) in try block(inputs[0]) }
            hiddenStates.append(x)
        }
        return (try tape.run([x]) { (inputs, _) throws(TorchError) in try norm(inputs[0]) }, hiddenStates)
    }

    /// Tokens as a channels-last volume: [batch, tokens, width] → [batch, width, grid].
    func volume(_ tokens: Tensor) throws(TorchError) -> Tensor {
        try tokens.reshaped(to: [-1] + configuration.gridShape + [configuration.hiddenSize]).permuted([0, 4, 1, 2, 3])
    }
}
