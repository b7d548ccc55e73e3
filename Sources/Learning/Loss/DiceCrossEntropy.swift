import Torch

/// Soft Dice plus cross entropy over softmaxed logits (MONAI 1.6 `DiceCELoss` with `to_onehot_y` and `softmax`; specification §3.5), for
/// targets in which some organs may be unlabelled.
///
/// A class that was not drawn in a sample carries label 0 there without being background. Its probability is therefore added to that of the
/// background before both terms (the *marginal* loss of Shi et al. 2021), and the class takes no part in the Dice mean of that sample. With every
/// class drawn the loss equals MONAI's.
public struct DiceCrossEntropy {
    /// Added to numerator and denominator of the Dice ratio.
    public var smoothing = 1e-5
    /// Weight of the Dice term.
    public var diceWeight = 1.0
    /// Weight of the cross entropy.
    public var crossEntropyWeight = 1.0

    public init() {}

    /// The loss of a batch; `total` carries the gradient. Single precision in main memory takes one fused pass each way, everything else the
    /// composition of tensor operations.
    /// - Parameters:
    ///   - logits: [batch, channels, X, Y, Z].
    ///   - labels: Int64 [batch, X, Y, Z], values 0..<channels.
    ///   - drawn: [batch, channels], 1 where the class was drawn in the sample (background always 1), else 0; `nil` when all were.
    public func callAsFunction(_ logits: Tensor, labels: Tensor, drawn: Tensor? = nil) throws(TorchError) -> DiceCrossEntropyValue {
        guard logits.device == .cpu, logits.dtype == .float32 else { return try composed(logits, labels: labels, drawn: drawn) }
        return try logits.diceCrossEntropy(
            labels, drawn: drawn, diceWeight: diceWeight, crossEntropyWeight: crossEntropyWeight, smoothing: smoothing)
    }

    /// The same loss from tensor operations: the oracle of the fused one.
    package func composed(_ logits: Tensor, labels: Tensor, drawn: Tensor? = nil) throws(TorchError) -> DiceCrossEntropyValue {
        let channels = logits.shape[1]
        let oneHot = try labels.oneHot(classes: channels).permuted([0, 4, 1, 2, 3]).to(logits.dtype)  // [batch, channels, X, Y, Z]
        var probabilities: Tensor
        let crossEntropy: Tensor
        if let drawn {
            probabilities = try merged(logits.softmax(axis: 1), drawn: drawn)
            crossEntropy = try ((probabilities * oneHot).sum(axes: [1]) + 1e-7).log().mean().negated()
        } else {
            let logarithms = try logits.logSoftmax(axis: 1)
            crossEntropy = try (logarithms * oneHot).sum(axes: [1]).mean().negated()
            probabilities = try logarithms.exp()
        }
        let dice = try diceTerm(probabilities, oneHot: oneHot, drawn: drawn)
        let total = try dice * diceWeight + crossEntropy * crossEntropyWeight
        return DiceCrossEntropyValue(total: total, dice: dice, crossEntropy: crossEntropy)
    }

    /// The probabilities with those of undrawn classes moved to the background.
    private func merged(_ probabilities: Tensor, drawn: Tensor) throws(TorchError) -> Tensor {
        let (batch, channels) = (probabilities.shape[0], probabilities.shape[1])
        let mask = try drawn.reshaped(to: [batch, channels, 1, 1, 1])
        let organs = try probabilities.narrowed(axis: 1, start: 1, length: channels - 1)
        let kept = try organs * mask.narrowed(axis: 1, start: 1, length: channels - 1)
        // Summed from the parts that move, not as 1 − rest, which rounding could make negative.
        let background = try probabilities.narrowed(axis: 1, start: 0, length: 1) + (organs - kept).sum(axes: [1], keepingAxes: true)
        return try Tensor.concatenated([background, kept], axis: 1)
    }

    /// 1 − the mean soft Dice over samples and drawn classes.
    private func diceTerm(_ probabilities: Tensor, oneHot: Tensor, drawn: Tensor?) throws(TorchError) -> Tensor {
        let intersection = try (probabilities * oneHot).sum(axes: [2, 3, 4])  // [batch, channels]
        let mass = try probabilities.sum(axes: [2, 3, 4]) + oneHot.sum(axes: [2, 3, 4])
        let loss = try 1 - (intersection * 2 + smoothing) / (mass + smoothing)
        guard let drawn else { return try loss.mean() }
        return try (loss * drawn).sum() / drawn.sum()
    }
}
