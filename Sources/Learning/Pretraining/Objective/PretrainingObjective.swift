import Torch
import TorchNN

/// What the network learns from.
public struct PretrainingObjective: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Restore a corrupted crop, and let two corruptions of one crop resemble each other more than other crops (the published objective).
        case contrastive
        /// Restore tokens that were hidden.
        case masked
    }

    /// How the reconstruction error and the contrastive loss become one number.
    public enum Combination: String, Codable, Sendable, CaseIterable {
        /// L1 · (1 + contrastive), the published one; the gradient flows through both factors.
        case product
        /// L1 + weight · contrastive.
        case sum
    }

    public var kind = Kind.contrastive
    /// τ of the contrastive loss.
    public var temperature = 0.05
    /// How the losses combine.
    public var combination = Combination.product
    /// The weight of the contrastive loss: in a product it multiplies the loss before 1 is added. 0 leaves it out.
    public var contrastiveWeight = 1.0
    /// Whether the second view is compared with the clean crop too (mean of both errors); the published code compares the first only.
    public var restoresBothViews = false
    /// The share of tokens that the masked objective hides.
    public var maskedShare = 0.6

    public init() {}

    /// - Throws: `LearningError.configuration` naming the first value that cannot be.
    public func validate(path: String) throws(LearningError) {
        guard temperature > 0, temperature.isFinite else {
            throw .configuration(keyPath: "\(path).temperature", reason: "expected a number above 0, found \(temperature)")
        }
        guard contrastiveWeight >= 0, contrastiveWeight.isFinite else {
            throw .configuration(keyPath: "\(path).contrastiveWeight", reason: "expected a number not below 0, found \(contrastiveWeight)")
        }
        guard maskedShare > 0, maskedShare < 1 else {
            throw .configuration(keyPath: "\(path).maskedShare", reason: "expected a share between 0 and 1, found \(maskedShare)")
        }
    }
}

/// The loss of a batch and its parts; `total` carries the gradient.
public struct PretrainingLoss {
    public var total: Tensor
    /// The mean absolute error of the reconstruction, in units of the intensity window.
    public var reconstruction: Tensor
    /// The contrastive loss, where there is one.
    public var contrastive: Tensor?
    /// What must run after `total.backward()`; `nil` where all was recorded.
    public var tape: RecomputationTape?
}

extension PretrainingObjective {
    /// The published loss from the reconstructions of both views and the clean crops, all [n, 1, X, Y, Z].
    public func loss(first: Tensor, second: Tensor, clean: Tensor) throws(TorchError) -> PretrainingLoss {
        var reconstruction = try (first - clean).abs().mean()
        if restoresBothViews { reconstruction = try (reconstruction + (second - clean).abs().mean()) * 0.5 }
        guard contrastiveWeight > 0 else { return PretrainingLoss(total: reconstruction, reconstruction: reconstruction, contrastive: nil) }
        let contrastive = try ContrastiveLoss(temperature: temperature)(first, second)
        let weighted = contrastiveWeight == 1 ? contrastive : try contrastive * contrastiveWeight
        let total = combination == .product ? try reconstruction + weighted * reconstruction : try reconstruction + weighted
        return PretrainingLoss(total: total, reconstruction: reconstruction, contrastive: contrastive)
    }

    /// The masked loss: the mean absolute error over the voxels whose weight is 1; all [n, 1, X, Y, Z].
    public func maskedLoss(_ output: Tensor, clean: Tensor, weights: Tensor) throws(TorchError) -> PretrainingLoss {
        let error = try ((output - clean).abs() * weights).sum() / weights.sum().clamped(to: 1...1e30)
        return PretrainingLoss(total: error, reconstruction: error, contrastive: nil)
    }
}
