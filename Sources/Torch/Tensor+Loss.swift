import CTorch

/// The figures of a batch under soft Dice plus cross entropy; only `total` carries a gradient.
public struct DiceCrossEntropyValue {
    public var total: Tensor
    public var dice: Tensor
    public var crossEntropy: Tensor

    package init(total: Tensor, dice: Tensor, crossEntropy: Tensor) {
        self.total = total
        self.dice = dice
        self.crossEntropy = crossEntropy
    }
}

extension Tensor {
    /// Soft Dice plus cross entropy of softmaxed logits (MONAI `DiceCELoss` with `to_onehot_y` and `softmax`) in one pass each way, without one-hot
    /// volumes; self is float32 [batch, channels, X, Y, Z] in main memory.
    ///
    /// Dice is 1 − (2·Σp·y + smoothing) / (Σp + Σy + smoothing) per sample and class, averaged; cross entropy is the mean over voxels. A class that is
    /// 0 in `drawn` [batch, channels] was not labelled in that sample: its probability counts as background's in both terms (the marginal loss of Shi et
    /// al. 2021), and it leaves the Dice mean. Voxels of `ignoredLabel` count for nothing.
    /// - Parameters:
    ///   - labels: integers [batch, X, Y, Z].
    ///   - classWeights: [channels]; multiplies each class's Dice term and its voxels in the cross entropy, whose mean is then by weight (MONAI's `weight`).
    public func diceCrossEntropy(
        _ labels: Tensor, drawn: Tensor? = nil, classWeights: Tensor? = nil, diceWeight: Double = 1, crossEntropyWeight: Double = 1,
        smoothing: Double = 1e-5,
        ignoredLabel: Int? = nil
    ) throws(TorchError) -> DiceCrossEntropyValue {
        let how = CTorchDiceCrossEntropy(
            dice_weight: diceWeight, cross_entropy_weight: crossEntropyWeight, smoothing: smoothing, ignored_label: ignoredLabel ?? -1)
        let result = try made(
            "diceCrossEntropy", ctorch_dice_cross_entropy(handle, labels.handle, drawn?.handle, classWeights?.handle, how), labels, drawn,
            classWeights)
        let figures = try result.detached()
        return try DiceCrossEntropyValue(total: result.indexed(0), dice: figures.indexed(1), crossEntropy: figures.indexed(2))
    }
}
