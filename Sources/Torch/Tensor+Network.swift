import CTorch

extension Tensor {
    /// Cross-correlation with [out, in, kx, ky, kz]; self is [batch, in, X, Y, Z].
    public func conv3d(_ weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0]) throws(TorchError) -> Tensor {
        let how = try convolution(stride, padding)
        return try made("conv3d(stride: \(stride), padding: \(padding))", ctorch_conv3d(handle, weight.handle, bias?.handle, how), weight, bias)
    }

    /// The same over the channels of self and `second` [batch, …, X, Y, Z] side by side, as of `concatenated([self, second], axis: 1)`; CPU kernels
    /// of this project do without that copy.
    public func conv3d(
        joining second: Tensor, _ weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0]
    ) throws(TorchError) -> Tensor {
        let result = ctorch_conv3d_joined(handle, second.handle, weight.handle, bias?.handle, try convolution(stride, padding))
        return try made("conv3d(joining:, stride: \(stride), padding: \(padding))", result, second, weight, bias)
    }

    /// The transposed convolution with [in, out, kx, ky, kz]; self is [batch, in, X, Y, Z].
    public func convTranspose3d(
        _ weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0]
    ) throws(TorchError) -> Tensor {
        let how = try convolution(stride, padding)
        let result = ctorch_conv_transpose3d(handle, weight.handle, bias?.handle, how)
        return try made("convTranspose3d(stride: \(stride), padding: \(padding))", result, weight, bias)
    }

    private func convolution(_ stride: [Int], _ padding: [Int]) throws(TorchError) -> CTorchConvolution {
        guard stride.count == 3, padding.count == 3 else {
            throw .operation("convolution", operands: [summary], reason: "stride \(stride) and padding \(padding) take three numbers each")
        }
        return CTorchConvolution(stride: (stride[0], stride[1], stride[2]), padding: (padding[0], padding[1], padding[2]))
    }

    /// x·Wᵀ + b over the last axis; weight [out, in].
    public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try made("linear", ctorch_linear(handle, weight.handle, bias?.handle), weight, bias)
    }

    /// (x − mean) / √(variance + ε)·weight + bias over the last axis.
    public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5) throws(TorchError) -> Tensor {
        try made("layerNorm", ctorch_layer_norm(handle, weight?.handle, bias?.handle, epsilon), weight, bias)
    }

    /// (x − mean) / √(variance + ε) per sample and channel of [batch, channel, …].
    public func instanceNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5) throws(TorchError) -> Tensor {
        try made("instanceNorm", ctorch_instance_norm(handle, weight?.handle, bias?.handle, epsilon), weight, bias)
    }

    /// lrelu(norm(self) + shortcut) in one pass each way: instance normalisation without weights, an optional shortcut (normalised too
    /// where asked), leaky ReLU. CPU kernels of this project on channels-last float32; LibTorch's layers one by one elsewhere.
    public func normalizedLeakyReLU(
        adding shortcut: Tensor? = nil, normalizingShortcut: Bool = false, slope: Double = 0.01, epsilon: Double = 1e-5
    ) throws(TorchError) -> Tensor {
        let result = ctorch_normalized_activation(handle, shortcut?.handle, normalizingShortcut, slope, epsilon)
        return try made("normalizedLeakyReLU", result, shortcut)
    }

    /// lrelu(norm(conv2(lrelu(norm(conv1(x))))) + shortcut), the residual block of MONAI's UNETR: 3×3×3 convolutions [out, in, 3, 3, 3] without bias,
    /// instance normalisation without weights, leaky ReLU of slope 0.01; the shortcut is x or, where `conv3` [out, in, 1, 1, 1] is given, norm(conv3(x)).
    /// x is self or the channels of self and `skip` [batch, …, X, Y, Z] side by side; that takes a `conv3`.
    ///
    /// CPU kernels of this project make less of memory here than the layers one by one do; elsewhere it is those.
    public func residualBlock(joining skip: Tensor? = nil, conv1: Tensor, conv2: Tensor, conv3: Tensor?) throws(TorchError) -> Tensor {
        let result = ctorch_residual_block(handle, skip?.handle, conv1.handle, conv2.handle, conv3?.handle)
        return try made("residualBlock", result, skip, conv1, conv2, conv3)
    }

    /// lrelu(norm(conv(self))), the first half of `residualBlock`, to the last bit: a 3×3×3 convolution [out, in, 3, 3, 3] without bias.
    public func normalizedConvolution(_ weight: Tensor) throws(TorchError) -> Tensor {
        try made("normalizedConvolution", ctorch_normalized_convolution(handle, weight.handle), weight)
    }

    /// softmax(QKᵀ/√d)·V; self is the query [batch, heads, tokens, d].
    public func scaledDotProductAttention(key: Tensor, value: Tensor) throws(TorchError) -> Tensor {
        try made("scaledDotProductAttention", ctorch_attention(handle, key.handle, value.handle), key, value)
    }

    /// Trilinear interpolation of [batch, channel, X, Y, Z] to another [X, Y, Z].
    public func interpolated(to shape: [Int], alignCorners: Bool = false) throws(TorchError) -> Tensor {
        guard shape.count == 3 else {
            throw .operation("interpolated", operands: [summary], reason: "a target of three extents is needed, not \(shape)")
        }
        return try made("interpolated(to: \(shape))", ctorch_interpolate_trilinear(handle, shape, alignCorners))
    }

    /// Zeroes elements with a probability and rescales the others.
    public func dropout(_ probability: Double) throws(TorchError) -> Tensor { try made("dropout", ctorch_dropout(handle, probability)) }

    /// Mean of −log softmax at the target class; self is [batch, classes, …], target int64 [batch, …].
    ///
    /// Elements whose target is `ignoredIndex` count neither in the sum nor in the mean.
    public func crossEntropy(
        _ target: Tensor, classWeights: Tensor? = nil, ignoredIndex: Int = -100, labelSmoothing: Double = 0
    ) throws(TorchError) -> Tensor {
        let result = ctorch_cross_entropy(handle, target.handle, classWeights?.handle, ignoredIndex, labelSmoothing)
        return try made("crossEntropy", result, target, classWeights)
    }
}
