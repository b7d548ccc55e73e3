import Torch

/// Soft Dice plus cross entropy over softmaxed logits (MONAI 1.6 `DiceCELoss` with `to_onehot_y` and `softmax`; specification §3.5), for
/// targets in which some organs may be unlabelled.
///
/// A class that was not drawn in a sample carries label 0 there without being background. Its probability is therefore added to that of the
/// background before both terms (the *marginal* loss of Shi et al. 2021), and the class takes no part in the Dice mean of that sample. With every
/// class drawn the loss equals MONAI's.
public struct DiceCrossEntropy {
    public var options: LossOptions

    public init(_ options: LossOptions = LossOptions()) { self.options = options }

    /// The loss of a batch; `total` carries the gradient. Single precision in main memory with the published options takes one fused pass each
    /// way, everything else the composition of tensor operations.
    /// - Parameters:
    ///   - logits: [batch, channels, X, Y, Z].
    ///   - labels: Int64 [batch, X, Y, Z], values 0..<channels or the ignored label.
    ///   - drawn: [batch, channels], 1 where the class was drawn in the sample (background always 1), else 0; `nil` when all were.
    public func callAsFunction(_ logits: Tensor, labels: Tensor, drawn: Tensor? = nil) throws(TorchError) -> DiceCrossEntropyValue {
        guard logits.device == .cpu, logits.dtype == .float32, options.isFused else {
            return try composed(logits, labels: labels, drawn: drawn)
        }
        return try logits.diceCrossEntropy(
            labels, drawn: drawn, diceWeight: options.diceWeight, crossEntropyWeight: options.crossEntropyWeight,
            smoothing: options.numeratorSmoothing, ignoredLabel: options.ignoredLabel.map(Int.init))
    }

    /// The same loss from tensor operations: the oracle of the fused one, and the way of the options that it does not know.
    package func composed(_ logits: Tensor, labels: Tensor, drawn: Tensor? = nil) throws(TorchError) -> DiceCrossEntropyValue {
        let target = try Target(labels, options: options, like: logits)
        var probabilities = try logits.softmax(axis: 1)
        let logarithms: Tensor
        if let drawn {
            probabilities = try Self.merged(probabilities, drawn: drawn)
            logarithms = try (probabilities + 1e-7).log()
        } else {
            logarithms = try logits.logSoftmax(axis: 1)
        }
        let crossEntropy = try target.crossEntropy(logarithms, drawn: drawn)
        let dice = try SoftDice(options)(probabilities, target: target, drawn: drawn)
        let total = try dice * options.diceWeight + crossEntropy * options.crossEntropyWeight
        return try DiceCrossEntropyValue(total: total, dice: dice.detached(), crossEntropy: crossEntropy.detached())
    }

    /// The probabilities with those of undrawn classes moved to the background.
    private static func merged(_ probabilities: Tensor, drawn: Tensor) throws(TorchError) -> Tensor {
        let (batch, channels) = (probabilities.shape[0], probabilities.shape[1])
        let mask = try drawn.reshaped(to: [batch, channels, 1, 1, 1])
        let organs = try probabilities.narrowed(axis: 1, start: 1, length: channels - 1)
        let kept = try organs * mask.narrowed(axis: 1, start: 1, length: channels - 1)
        // Summed from the parts that move, not as 1 − rest, which rounding could make negative.
        let background = try probabilities.narrowed(axis: 1, start: 0, length: 1) + (organs - kept).sum(axes: [1], keepingAxes: true)
        return try Tensor.concatenated([background, kept], axis: 1)
    }
}

/// The labels of a batch as one-hot classes, with the voxels that count.
struct Target {
    /// [batch, channels, X, Y, Z]; all zero where a voxel is ignored.
    let oneHot: Tensor
    /// [batch, 1, X, Y, Z], 1 where a voxel counts; `nil` when all do.
    let counted: Tensor?
    private let options: LossOptions

    init(_ labels: Tensor, options: LossOptions, like logits: Tensor) throws(TorchError) {
        self.options = options
        let channels = logits.shape[1]
        func spread(_ labels: Tensor) throws(TorchError) -> Tensor {
            try labels.oneHot(classes: channels).permuted([0, 4, 1, 2, 3]).to(logits.dtype)
        }
        guard let ignored = options.ignoredLabel else {
            (oneHot, counted) = (try spread(labels), nil)
            return
        }
        let counts = try labels .!= Double(ignored)
        let mask = try counts.to(logits.dtype).reshaped(to: [labels.shape[0], 1] + labels.shape.dropFirst())
        let known = try counts.choosing(labels, Tensor.zeros(labels.shape, dtype: .int64, device: labels.device))
        oneHot = try spread(known) * mask
        counted = mask
    }

    /// The weighted mean over voxels of −Σ target · logarithm (PyTorch 2.11 `cross_entropy`: with class weights the mean is by the weight of each
    /// voxel's class; label smoothing spreads a share of the target evenly over all classes). In a sample with undrawn classes the share is
    /// spread over the drawn ones.
    func crossEntropy(_ logarithms: Tensor, drawn: Tensor?) throws(TorchError) -> Tensor {
        let channels = logarithms.shape[1]
        var weighted = logarithms
        var voxelWeight = try oneHot.sum(axes: [1])  // [batch, X, Y, Z], 0 where ignored
        if let weights = options.classWeights {
            let perClass = try Tensor(weights, shape: [1, channels, 1, 1, 1]).to(logarithms.dtype, logarithms.device)
            weighted = try logarithms * perClass
            voxelWeight = try (oneHot * perClass).sum(axes: [1])
        }
        let total = try voxelWeight.sum()
        let hard = try (weighted * oneHot).sum().negated() / total
        guard options.labelSmoothing > 0 else { return hard }
        if let counted { weighted = try weighted * counted }
        if let drawn { weighted = try weighted * drawn.to(weighted.dtype).reshaped(to: [drawn.shape[0], channels, 1, 1, 1]) }
        let even = try weighted.sum().negated() / Double(channels) / total
        return try hard * (1 - options.labelSmoothing) + even * options.labelSmoothing
    }
}
