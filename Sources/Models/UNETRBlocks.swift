import Torch
import TorchNN

/// A convolution without bias under the name that MONAI's wrapper gives it.
public struct WrappedConvolution: Module {
    public static let stateNames = ["convolution": "conv"]
    public let convolution: Convolution3D

    init(_ inputs: Int, _ outputs: Int, kernel: Int, hasBias: Bool = false, generator: Generator?) throws(TorchError) {
        let sizes = [kernel, kernel, kernel]
        let padding = [kernel / 2, kernel / 2, kernel / 2]
        convolution = try Convolution3D(.init(inputs, outputs, kernel: sizes, padding: padding, hasBias: hasBias), generator: generator)
    }

    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try convolution(x) }
}

/// Doubles the resolution: a transposed convolution, kernel and stride 2, without bias.
public struct Doubling: Module {
    public static let stateNames = ["convolution": "conv"]
    public let convolution: TransposedConvolution3D

    init(_ inputs: Int, _ outputs: Int, generator: Generator?) throws(TorchError) {
        convolution = try TransposedConvolution3D(
            .init(inputs, outputs, kernel: [2, 2, 2], stride: [2, 2, 2], hasBias: false), generator: generator)
    }

    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try convolution(x) }
}

/// lrelu(norm(conv2(lrelu(norm(conv1(x))))) + shortcut), the shortcut being x or norm(conv3(x)) where the channels change.
public struct ResidualBlock: Module {
    public let conv1: WrappedConvolution
    public let conv2: WrappedConvolution
    public let conv3: WrappedConvolution?

    init(_ inputs: Int, _ outputs: Int, generator: Generator?) throws(TorchError) {
        conv1 = try WrappedConvolution(inputs, outputs, kernel: 3, generator: generator)
        conv2 = try WrappedConvolution(outputs, outputs, kernel: 3, generator: generator)
        conv3 = inputs == outputs ? nil : try WrappedConvolution(inputs, outputs, kernel: 1, generator: generator)
    }

    /// The block of x or, where there is a skip connection, of the channels of both side by side, which are more than its outputs.
    func callAsFunction(_ x: Tensor, joining skip: Tensor? = nil) throws(TorchError) -> Tensor {
        try x.residualBlock(
            joining: skip, conv1: conv1.convolution.weight, conv2: conv2.convolution.weight, conv3: conv3?.convolution.weight)
    }
}

/// The first skip connection: the image through one residual block.
public struct ImageEncoder: Module {
    public let layer: ResidualBlock

    init(_ inputs: Int, _ outputs: Int, generator: Generator?) throws(TorchError) { layer = try ResidualBlock(inputs, outputs, generator: generator) }

    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try layer(x) }
}

/// A skip connection from the transformer: tokens doubled once, then again with a residual block for every further doubling.
public struct TokenEncoder: Module {
    /// A doubling followed by a residual block.
    public struct Stage: Module {
        public static let stateNames = ["doubling": "0", "block": "1"]
        public let doubling: Doubling
        public let block: ResidualBlock

        init(_ channels: Int, generator: Generator?) throws(TorchError) {
            doubling = try Doubling(channels, channels, generator: generator)
            block = try ResidualBlock(channels, channels, generator: generator)
        }
    }

    public static let stateNames = ["firstDoubling": "transp_conv_init", "stages": "blocks"]
    public let firstDoubling: Doubling
    public let stages: [Stage]

    init(_ inputs: Int, _ outputs: Int, furtherDoublings: Int, generator: Generator?) throws(TorchError) {
        firstDoubling = try Doubling(inputs, outputs, generator: generator)
        var stages: [Stage] = []
        for _ in 0..<furtherDoublings { stages.append(try Stage(outputs, generator: generator)) }
        self.stages = stages
    }

    /// [batch, width, x, y, z] → [batch, out, x·2ⁿ, y·2ⁿ, z·2ⁿ], n = 1 + further doublings
    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        var x = try firstDoubling(tokens)
        for stage in stages { x = try stage.block(stage.doubling(x)) }
        return x
    }
}

/// A decoder stage: double, join with the skip connection, residual block.
public struct Decoder: Module {
    public static let stateNames = ["doubling": "transp_conv", "block": "conv_block"]
    public let doubling: Doubling
    public let block: ResidualBlock

    init(_ inputs: Int, _ outputs: Int, generator: Generator?) throws(TorchError) {
        doubling = try Doubling(inputs, outputs, generator: generator)
        block = try ResidualBlock(2 * outputs, outputs, generator: generator)
    }

    /// coarse [batch, in, x, y, z] and skip [batch, out, 2x, 2y, 2z] → [batch, out, 2x, 2y, 2z]
    func callAsFunction(_ coarse: Tensor, skip: Tensor) throws(TorchError) -> Tensor {
        try block(doubling(coarse), joining: skip)
    }
}
