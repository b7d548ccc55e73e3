import Torch

/// The shape of a 3-D convolution with cubic kernels.
public struct ConvolutionShape: Sendable, Equatable {
    public var inputs: Int
    public var outputs: Int
    public var kernel: [Int]
    public var stride: [Int]
    public var padding: [Int]
    public var hasBias: Bool

    public init(_ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0], hasBias: Bool = true) {
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.hasBias = hasBias
    }
}

/// A 3-D convolution of [batch, in, X, Y, Z].
public struct Convolution3D: Module {
    /// [out, in, kx, ky, kz]
    @Parameter public var weight: Tensor
    /// [out]
    @OptionalParameter public var bias: Tensor?
    public let shape: ConvolutionShape

    public init(_ shape: ConvolutionShape, generator: Generator? = nil) throws(TorchError) {
        let fanIn = shape.inputs * shape.kernel.reduce(1, *)
        let size = [shape.outputs, shape.inputs] + shape.kernel
        _weight = Parameter(wrappedValue: try Initialisation.uniform(size, fanIn: fanIn, generator: generator))
        _bias = OptionalParameter(wrappedValue: shape.hasBias ? try Initialisation.uniform([shape.outputs], fanIn: fanIn, generator: generator) : nil)
        self.shape = shape
    }

    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.conv3d(weight, bias: bias, stride: shape.stride, padding: shape.padding)
    }
}

/// A transposed 3-D convolution of [batch, in, X, Y, Z].
public struct TransposedConvolution3D: Module {
    /// [in, out, kx, ky, kz]
    @Parameter public var weight: Tensor
    /// [out]
    @OptionalParameter public var bias: Tensor?
    public let shape: ConvolutionShape

    public init(_ shape: ConvolutionShape, generator: Generator? = nil) throws(TorchError) {
        // PyTorch reads the fan-in of the transposed layout [in, out, …], which is the number of outputs per position.
        let fanIn = shape.outputs * shape.kernel.reduce(1, *)
        let size = [shape.inputs, shape.outputs] + shape.kernel
        _weight = Parameter(wrappedValue: try Initialisation.uniform(size, fanIn: fanIn, generator: generator))
        _bias = OptionalParameter(wrappedValue: shape.hasBias ? try Initialisation.uniform([shape.outputs], fanIn: fanIn, generator: generator) : nil)
        self.shape = shape
    }

    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.convTranspose3d(weight, bias: bias, stride: shape.stride, padding: shape.padding)
    }
}
