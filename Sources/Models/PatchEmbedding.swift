import Torch
import TorchNN

/// How an image patch becomes a token.
public enum PatchProjection: String, Sendable, Codable, CaseIterable {
    /// A convolution whose stride is its kernel; what self-supervised pre-training uses.
    case convolution = "conv"
    /// A linear layer over the patch's voxels in the order [kx, ky, kz, channel].
    case perceptron
}

/// Cuts an image into patches and projects each to a token, adding a learned position.
public struct PatchEmbedding: Module {
    public static let stateNames = ["convolution": "patch_embeddings", "perceptron": "patch_embeddings.1"]

    /// [1, tokens, width]
    @Parameter public var positionEmbeddings: Tensor
    public let convolution: Convolution3D?
    public let perceptron: Linear?
    private let patchShape: [Int]

    /// Positions start as N(0, 0.02); the convolution as PyTorch's default, the perceptron as N(0, 0.02) with zero bias (MONAI).
    init(_ configuration: VisionTransformerConfiguration, generator: Generator?) throws(TorchError) {
        let patch = configuration.patchShape
        let width = configuration.hiddenSize
        let positions = try Initialisation.normal([1, configuration.tokenCount, width], deviation: 0.02, generator: generator)
        _positionEmbeddings = Parameter(wrappedValue: positions)
        patchShape = patch
        switch configuration.patchProjection {
        case .convolution:
            convolution = try Convolution3D(.init(configuration.inChannels, width, kernel: patch, stride: patch), generator: generator)
            perceptron = nil
        case .perceptron:
            let linear = try Linear(patch.reduce(configuration.inChannels, *), width, generator: generator)
            try linear.weight.assign(Tensor.randn(linear.weight.shape, deviation: 0.02, generator: generator))
            try linear.bias?.fill(0)
            convolution = nil
            perceptron = linear
        }
    }

    /// [batch, channel, X, Y, Z] → [batch, tokens, width], tokens in C order of the patch grid.
    func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        let patches = try patches(image)
        let tokens: Tensor
        if let convolution {
            // Kernels that do not overlap are one matrix product over the patches.
            let weight = convolution.weight
            let matrix = try weight.permuted([0, 2, 3, 4, 1]).reshaped(to: [weight.shape[0], -1])
            tokens = try patches.linear(matrix, bias: convolution.bias)
        } else {
            tokens = try perceptron.map { (linear) throws(TorchError) in try linear(patches) } ?? patches
        }
        return try tokens + positionEmbeddings
    }

    /// [batch, channel, X, Y, Z] → [batch, tokens, kx·ky·kz·channel]
    private func patches(_ image: Tensor) throws(TorchError) -> Tensor {
        let shape = image.shape
        let grid = (0..<3).map { shape[2 + $0] / patchShape[$0] }
        // The batch is left open, here and below, so that a recorded program takes batches of any size.
        let split = [-1, shape[1], grid[0], patchShape[0], grid[1], patchShape[1], grid[2], patchShape[2]]
        return try image.reshaped(to: split).permuted([0, 2, 4, 6, 3, 5, 7, 1])
            .reshaped(to: [-1, grid.reduce(1, *), patchShape.reduce(shape[1], *)])
    }
}
