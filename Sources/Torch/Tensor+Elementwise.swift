import CTorch

extension Tensor {
    /// -x, elementwise.
    public func negated() throws(TorchError) -> Tensor { try made("negated", ctorch_unary(CTorchUnaryNegate, handle)) }
    /// eˣ, elementwise.
    public func exp() throws(TorchError) -> Tensor { try made("exp", ctorch_unary(CTorchUnaryExp, handle)) }
    /// Natural logarithm, elementwise.
    public func log() throws(TorchError) -> Tensor { try made("log", ctorch_unary(CTorchUnaryLog, handle)) }
    /// Square root, elementwise.
    public func sqrt() throws(TorchError) -> Tensor { try made("sqrt", ctorch_unary(CTorchUnarySqrt, handle)) }
    /// Absolute value, elementwise.
    public func abs() throws(TorchError) -> Tensor { try made("abs", ctorch_unary(CTorchUnaryAbs, handle)) }
    /// Sine, elementwise.
    public func sin() throws(TorchError) -> Tensor { try made("sin", ctorch_unary(CTorchUnarySin, handle)) }
    /// Cosine, elementwise.
    public func cos() throws(TorchError) -> Tensor { try made("cos", ctorch_unary(CTorchUnaryCos, handle)) }
    /// Hyperbolic tangent, elementwise.
    public func tanh() throws(TorchError) -> Tensor { try made("tanh", ctorch_unary(CTorchUnaryTanh, handle)) }
    /// 1 / (1 + e⁻ˣ), elementwise.
    public func sigmoid() throws(TorchError) -> Tensor { try made("sigmoid", ctorch_unary(CTorchUnarySigmoid, handle)) }
    /// max(x, 0), elementwise.
    public func relu() throws(TorchError) -> Tensor { try made("relu", ctorch_unary(CTorchUnaryRelu, handle)) }
    /// 1 / x, elementwise.
    public func reciprocal() throws(TorchError) -> Tensor { try made("reciprocal", ctorch_unary(CTorchUnaryReciprocal, handle)) }
    /// Next integer below, elementwise.
    public func floor() throws(TorchError) -> Tensor { try made("floor", ctorch_unary(CTorchUnaryFloor, handle)) }
    /// Nearest integer, halves to even, elementwise.
    public func rounded() throws(TorchError) -> Tensor { try made("rounded", ctorch_unary(CTorchUnaryRound, handle)) }
    /// Where elements are not a number, elementwise.
    public func isNaN() throws(TorchError) -> Tensor { try made("isNaN", ctorch_unary(CTorchUnaryIsNaN, handle)) }
    /// Where elements are finite, elementwise.
    public func isFinite() throws(TorchError) -> Tensor { try made("isFinite", ctorch_unary(CTorchUnaryIsFinite, handle)) }
    /// Where elements are zero or false, elementwise.
    public func logicalNot() throws(TorchError) -> Tensor { try made("logicalNot", ctorch_unary(CTorchUnaryNot, handle)) }
    /// x·Φ(x), the exact (erf) form, elementwise.
    public func gelu() throws(TorchError) -> Tensor { try made("gelu", ctorch_unary(CTorchUnaryGelu, handle)) }
    /// x where positive, slope·x elsewhere.
    public func leakyReLU(slope: Double = 0.01) throws(TorchError) -> Tensor { try made("leakyReLU", ctorch_leaky_relu(handle, slope)) }
    /// Elements limited to [low, high].
    public func clamped(to range: ClosedRange<Double>) throws(TorchError) -> Tensor {
        try made("clamped", ctorch_clamp(handle, range.lowerBound, range.upperBound))
    }
    /// eˣ normalised over an axis.
    public func softmax(axis: Int) throws(TorchError) -> Tensor { try made("softmax(axis: \(axis))", ctorch_softmax(handle, axis, false)) }
    /// The logarithm of `softmax`, without overflow.
    public func logSoftmax(axis: Int) throws(TorchError) -> Tensor { try made("logSoftmax(axis: \(axis))", ctorch_softmax(handle, axis, true)) }
    /// Running sums along an axis.
    public func cumulativeSum(axis: Int) throws(TorchError) -> Tensor { try made("cumulativeSum", ctorch_cumulative_sum(handle, axis)) }

    /// `left` where self is true, `right` elsewhere.
    public func choosing(_ left: Tensor, _ right: Tensor) throws(TorchError) -> Tensor {
        try made("choosing", ctorch_where(handle, left.handle, right.handle), left, right)
    }
    /// Whether shape and all elements agree.
    public func isEqual(to other: Tensor) throws(TorchError) -> Bool {
        var equal = false
        try check(ctorch_equal(handle, other.handle, &equal), "isEqual", [summary, other.summary])
        return equal
    }
}
