import CTorch

extension Tensor {
    /// The same numbers as another type or on another device; `self` where nothing changes.
    public func to(_ dtype: DType, _ device: Device) throws(TorchError) -> Tensor {
        try made("to", ctorch_to(handle, dtype.rawValue, device.raw))
    }
    public func to(_ dtype: DType) throws(TorchError) -> Tensor { try to(dtype, device) }
    public func to(_ device: Device) throws(TorchError) -> Tensor { try to(dtype, device) }

    /// A tensor in C order, copied only if it is not.
    public func contiguous() throws(TorchError) -> Tensor { try made("contiguous", ctorch_contiguous(handle, false)) }
    /// [batch, channel, X, Y, Z] with the channels fastest in memory, copied only if they are not.
    public func channelsLast() throws(TorchError) -> Tensor { try made("channelsLast", ctorch_contiguous(handle, true)) }
    /// A copy with its own storage.
    public func cloned() throws(TorchError) -> Tensor { try made("cloned", ctorch_clone(handle)) }

    /// The same elements under another shape; one extent may be -1.
    public func reshaped(to shape: [Int]) throws(TorchError) -> Tensor {
        try made("reshaped(to: \(shape))", ctorch_reshape(handle, shape, shape.count))
    }
    /// Axis `a` of the result is axis `axes[a]` of self.
    public func permuted(_ axes: [Int]) throws(TorchError) -> Tensor { try made("permuted(\(axes))", ctorch_permute(handle, axes, axes.count)) }
    /// Two axes exchanged.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(TorchError) -> Tensor {
        try made("transposed", ctorch_transpose(handle, first, second))
    }
    /// Axes of extent 1 repeated without copying.
    public func expanded(to shape: [Int]) throws(TorchError) -> Tensor {
        try made("expanded(to: \(shape))", ctorch_expand(handle, shape, shape.count))
    }

    /// The slab [start, start + length) along an axis, sharing storage.
    public func narrowed(axis: Int, start: Int, length: Int) throws(TorchError) -> Tensor {
        try made("narrowed(axis: \(axis), start: \(start), length: \(length))", ctorch_narrow(handle, axis, start, length))
    }
    /// One position along an axis, which disappears; shares storage.
    public func indexed(_ index: Int, axis: Int = 0) throws(TorchError) -> Tensor { try made("indexed", ctorch_select(handle, axis, index)) }
    /// The positions along an axis named by an int64 tensor.
    public func selected(_ indices: Tensor, axis: Int) throws(TorchError) -> Tensor {
        try made("selected", ctorch_index_select(handle, axis, indices.handle), indices)
    }
    /// Elementwise choice along an axis by int64 indices of self's rank.
    public func gathered(_ indices: Tensor, axis: Int) throws(TorchError) -> Tensor {
        try made("gathered", ctorch_gather(handle, axis, indices.handle), indices)
    }

    public func flipped(axes: [Int]) throws(TorchError) -> Tensor { try made("flipped(axes: \(axes))", ctorch_flip(handle, axes, axes.count)) }
    /// Quarter turns in the plane of two axes, from the first towards the second.
    public func rotated90(turns: Int = 1, from first: Int, towards second: Int) throws(TorchError) -> Tensor {
        try made("rotated90", ctorch_rotate90(handle, turns, first, second))
    }

    /// int64 class indices as one-hot int64 vectors along a new last axis.
    public func oneHot(classes: Int) throws(TorchError) -> Tensor { try made("oneHot(classes: \(classes))", ctorch_one_hot(handle, classes)) }

    /// Constant padding; `widths[a]` is before and after for the last `widths.count` axes, in axis order.
    public func padded(_ widths: [(before: Int, after: Int)], value: Double = 0) throws(TorchError) -> Tensor {
        let flat = widths.reversed().flatMap { [$0.before, $0.after] }
        return try made("padded", ctorch_pad(handle, flat, flat.count, value))
    }

    /// Tensors joined along an existing axis.
    public static func concatenated(_ tensors: [Tensor], axis: Int) throws(TorchError) -> Tensor { try joined(tensors, axis: axis, stack: false) }
    /// Tensors of one shape joined along a new axis.
    public static func stacked(_ tensors: [Tensor], axis: Int = 0) throws(TorchError) -> Tensor { try joined(tensors, axis: axis, stack: true) }

    private static func joined(_ tensors: [Tensor], axis: Int, stack: Bool) throws(TorchError) -> Tensor {
        let result = withExtendedLifetime(tensors) { ctorch_concatenate(tensors.map(\.handle), tensors.count, axis, stack) }
        guard let result else {
            throw .latest(stack ? "stacked" : "concatenated", tensors.map(\.summary))
        }
        return Tensor(owning: result)
    }

    /// Overwrites the elements, converting type and device; no gradient is recorded.
    public func assign(_ source: Tensor) throws(TorchError) {
        try check(ctorch_copy_from(handle, source.handle), "assign", [summary, source.summary])
    }
    /// Makes this tensor refer to the storage of another one (moving a parameter to another device or type, in place).
    public func replaceStorage(with source: Tensor) throws(TorchError) {
        try check(ctorch_set_data(handle, source.handle), "replaceStorage", [summary, source.summary])
    }
    /// Overwrites every element.
    public func fill(_ value: Double) throws(TorchError) { try check(ctorch_fill(handle, value), "fill", [summary]) }
}
