import Torch

/// Layer normalisation over the last axis, with trained scale and offset.
public struct LayerNorm: Module {
    @Parameter public var weight: Tensor
    @Parameter public var bias: Tensor
    public let epsilon: Double

    public init(_ width: Int, epsilon: Double = 1e-5) throws(TorchError) {
        _weight = Parameter(wrappedValue: try Initialisation.constant(1, [width]))
        _bias = Parameter(wrappedValue: try Initialisation.constant(0, [width]))
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.layerNorm(weight: weight, bias: bias, epsilon: epsilon) }
}

/// Instance normalisation of [batch, channel, …] without trained numbers, as nnU-Net's residual blocks use it.
public struct InstanceNorm: Module {
    public let epsilon: Double

    public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.instanceNorm(epsilon: epsilon) }
}
