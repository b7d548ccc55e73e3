import CTorch

extension Tensor {
    private func reduced(_ operation: CTorchReduction, _ name: @autoclosure () -> String, _ axes: [Int], _ keep: Bool) throws(TorchError) -> Tensor {
        try made("\(name())(axes: \(axes))", ctorch_reduce(operation, handle, axes, axes.count, keep))
    }

    /// Sum over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func sum(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionSum, "sum", axes, keepingAxes)
    }
    /// Mean over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func mean(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionMean, "mean", axes, keepingAxes)
    }
    /// Largest element over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func max(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionMaximum, "max", axes, keepingAxes)
    }
    /// Smallest element over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func min(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionMinimum, "min", axes, keepingAxes)
    }
    /// Population variance over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func variance(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionVariance, "variance", axes, keepingAxes)
    }
    /// log Σ eˣ, without overflow over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func logSumExp(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionLogSumExp, "logSumExp", axes, keepingAxes)
    }
    /// Euclidean norm over the axes given, or over all; `keepingAxes` leaves them with extent 1.
    public func norm(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionNorm, "norm", axes, keepingAxes)
    }
    /// The int64 index of the largest element along an axis (the first of equals).
    public func argmax(axis: Int, keepingAxis: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTorchReductionArgmax, "argmax", [axis], keepingAxis)
    }
}
