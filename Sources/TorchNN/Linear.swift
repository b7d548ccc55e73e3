import Torch

/// y = x·Wᵀ + b over the last axis.
public struct Linear: Module {
    /// [out, in]
    @Parameter public var weight: Tensor
    /// [out]
    @OptionalParameter public var bias: Tensor?

    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, generator: Generator? = nil) throws(TorchError) {
        _weight = Parameter(wrappedValue: try Initialisation.uniform([outputs, inputs], fanIn: inputs, generator: generator))
        _bias = OptionalParameter(wrappedValue: bias ? try Initialisation.uniform([outputs], fanIn: inputs, generator: generator) : nil)
    }

    /// [..., in] → [..., out]
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.linear(weight, bias: bias) }
}
