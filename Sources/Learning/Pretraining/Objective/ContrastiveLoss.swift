import Torch

/// NT-Xent (Chen et al. 2020, SimCLR) between two lists of vectors: each vector shall resemble its partner more than all the others.
///
/// With z = [a₁…aₙ, b₁…bₙ] and s the cosine similarity, the loss is the mean over k of −log(exp(s(k, partner)/τ) / Σ_{l≠k} exp(s(k, l)/τ)).
/// Equals MONAI 1.6.1 `ContrastiveLoss`, which broadcasts every pair of vectors and overflows in half precision; here the similarities are
/// one matrix product, and the sum is a log-sum-exp in the precision of the vectors (at least float32).
public struct ContrastiveLoss: Sendable {
    /// τ: the lower, the more the nearest vectors count.
    public var temperature: Double

    public init(temperature: Double = 0.05) { self.temperature = temperature }

    /// Stands for −∞ on the diagonal; its exponential is 0 in every precision.
    private static let excluded = -1e9

    /// The loss, a scalar; `first` and `second` are [n, …], flattened here.
    public func callAsFunction(_ first: Tensor, _ second: Tensor) throws(TorchError) -> Tensor {
        try withoutAutocast(on: first.device.kind) { () throws(TorchError) in try loss(first, second) }
    }

    private func loss(_ first: Tensor, _ second: Tensor) throws(TorchError) -> Tensor {
        let count = first.shape[0]
        var stacked = try Tensor.concatenated([first, second], axis: 0).reshaped(to: [2 * count, -1])
        if stacked.dtype != .float64 { stacked = try stacked.to(.float32) }
        let lengths = try stacked.norm(axes: [1], keepingAxes: true)
        let directions = try stacked / lengths.clamped(to: 1e-8...1e30)
        let similarity = try directions.matmul(directions.transposed()) / temperature  // [2n, 2n]
        let diagonal = try Tensor.arange(to: Double(2 * count), dtype: .int64, device: first.device)
        let others = try similarity + diagonal.oneHot(classes: 2 * count).to(similarity.dtype) * Self.excluded
        let partners = try Tensor((0..<2 * count).map { Int64(($0 + count) % (2 * count)) }, shape: [2 * count, 1]).to(first.device)
        let positive = try similarity.gathered(partners, axis: 1).reshaped(to: [2 * count])
        return try (others.logSumExp(axes: [1]) - positive).mean()
    }
}
