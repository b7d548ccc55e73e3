import Torch

/// 1 − the mean soft Dice (or Jaccard) over samples and classes (MONAI 1.6 `DiceLoss`).
struct SoftDice {
    private let options: LossOptions

    init(_ options: LossOptions) { self.options = options }

    /// - Parameters:
    ///   - probabilities: [batch, channels, X, Y, Z].
    ///   - drawn: [batch, channels], 0 for classes that leave the mean of a sample.
    func callAsFunction(_ probabilities: Tensor, target: Target, drawn: Tensor?) throws(TorchError) -> Tensor {
        var axes = [2, 3, 4]
        var predicted = try target.counted.map { counted throws(TorchError) in try probabilities * counted } ?? probabilities
        var known = target.oneHot
        if options.sumsOverBatch {
            axes = [0, 2, 3, 4]
            // Classes that a sample leaves undrawn must not enter the sums of the others.
            if let drawn {
                let mask = try drawn.to(known.dtype).reshaped(to: [drawn.shape[0], drawn.shape[1], 1, 1, 1])
                (predicted, known) = (try predicted * mask, try known * mask)
            }
        }
        let intersection = try (predicted * known).sum(axes: axes)  // [batch, channels], or [channels]
        let mass = try (options.squaresPrediction ? predicted * predicted : predicted).sum(axes: axes) + known.sum(axes: axes)
        let denominator = options.usesJaccard ? try (mass - intersection) * 2 : mass
        let loss = try 1 - (intersection * 2 + options.numeratorSmoothing) / (denominator + options.denominatorSmoothing)
        return try mean(loss, drawn: drawn)
    }

    /// The mean over what counts; class weights scale the terms without entering the divisor, as in MONAI.
    private func mean(_ loss: Tensor, drawn: Tensor?) throws(TorchError) -> Tensor {
        let axis = loss.rank - 1
        let channels = loss.shape[axis]
        let first = options.includesBackground ? 0 : 1
        func kept(_ tensor: Tensor) throws(TorchError) -> Tensor {
            try tensor.narrowed(axis: tensor.rank - 1, start: first, length: channels - first)
        }
        var terms = try kept(loss)
        if let weights = options.classWeights { terms = try terms * kept(Tensor(weights).to(loss.dtype, loss.device)) }
        guard let drawn else { return try terms.mean() }
        var share = try drawn.to(loss.dtype)
        if options.sumsOverBatch { share = try share.max(axes: [0]) }
        let counted = try kept(share)
        return try (terms * counted).sum() / counted.sum().clamped(to: 1...1e12)
    }
}
