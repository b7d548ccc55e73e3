import CTorch

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence

// Elementwise, with broadcasting; comparisons give bool tensors. A number on either side keeps the tensor's type, except that a
// fractional number turns an integer tensor into float32.
extension Tensor {
    private func combined(_ operation: CTorchBinary, _ name: @autoclosure () -> String, _ other: Tensor) throws(TorchError) -> Tensor {
        try made(name(), ctorch_binary(operation, handle, other.handle), other)
    }

    private func combined(_ operation: CTorchBinary, _ name: @autoclosure () -> String, _ scalar: Double, reversed: Bool = false) throws(TorchError)
        -> Tensor
    {
        let integral = scalar.rounded() == scalar && Swift.abs(scalar) < 9e15
        return try made("\(name()) \(scalar)", ctorch_binary_scalar(operation, handle, scalar, integral, reversed))
    }

    public static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryAdd, "+", right) }
    public static func + (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryAdd, "+", right) }
    public static func + (left: Double, right: Tensor) throws(TorchError) -> Tensor { try right.combined(CTorchBinaryAdd, "+", left, reversed: true) }
    public static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinarySubtract, "-", right) }
    public static func - (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinarySubtract, "-", right) }
    public static func - (left: Double, right: Tensor) throws(TorchError) -> Tensor {
        try right.combined(CTorchBinarySubtract, "-", left, reversed: true)
    }
    public static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryMultiply, "*", right) }
    public static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryMultiply, "*", right) }
    public static func * (left: Double, right: Tensor) throws(TorchError) -> Tensor {
        try right.combined(CTorchBinaryMultiply, "*", left, reversed: true)
    }
    public static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryDivide, "/", right) }
    public static func / (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryDivide, "/", right) }
    public static func / (left: Double, right: Tensor) throws(TorchError) -> Tensor {
        try right.combined(CTorchBinaryDivide, "/", left, reversed: true)
    }
    public static func .== (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryEqual, ".==", right) }
    public static func .== (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryEqual, ".==", right) }
    public static func .!= (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryNotEqual, ".!=", right) }
    public static func .!= (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryNotEqual, ".!=", right) }
    public static func .< (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryLess, ".<", right) }
    public static func .< (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryLess, ".<", right) }
    public static func .<= (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryLessEqual, ".<=", right) }
    public static func .<= (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryLessEqual, ".<=", right) }
    public static func .> (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryGreater, ".>", right) }
    public static func .> (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryGreater, ".>", right) }
    public static func .>= (left: Tensor, right: Tensor) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryGreaterEqual, ".>=", right) }
    public static func .>= (left: Tensor, right: Double) throws(TorchError) -> Tensor { try left.combined(CTorchBinaryGreaterEqual, ".>=", right) }
    public static prefix func - (operand: Tensor) throws(TorchError) -> Tensor { try operand.negated() }

    /// The larger of two elements.
    public func maximum(_ other: Tensor) throws(TorchError) -> Tensor { try combined(CTorchBinaryMaximum, "maximum", other) }
    /// The smaller of two elements.
    public func minimum(_ other: Tensor) throws(TorchError) -> Tensor { try combined(CTorchBinaryMinimum, "minimum", other) }
    /// Elements raised to a power.
    public func power(_ exponent: Double) throws(TorchError) -> Tensor { try combined(CTorchBinaryPower, "power", exponent) }
    /// Where both are true (non-zero).
    public func and(_ other: Tensor) throws(TorchError) -> Tensor { try combined(CTorchBinaryAnd, "and", other) }
    /// Where either is true (non-zero).
    public func or(_ other: Tensor) throws(TorchError) -> Tensor { try combined(CTorchBinaryOr, "or", other) }
    /// The matrix product of the last two axes, batched over the others.
    public func matmul(_ other: Tensor) throws(TorchError) -> Tensor { try combined(CTorchBinaryMatmul, "matmul", other) }
}
