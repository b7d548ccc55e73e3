import Models
import Torch

/// The tensors of some samples, all [n, 1, X, Y, Z].
public struct PretrainingBatch {
    public var clean: Tensor
    /// What the network sees: one tensor for each view.
    public var views: [Tensor]
    /// 1 at the voxels that count; `nil` when all do.
    public var weights: Tensor?

    /// - Precondition: there is a sample, and all have one shape and the same number of views.
    public init(_ samples: [PretrainingSample], device: Device = .cpu) throws(TorchError) {
        let size = samples[0].clean.shape
        let shape = [samples.count, 1, size.x, size.y, size.z]
        func tensor(_ patches: [[Float]]) throws(TorchError) -> Tensor { try Tensor(Array(patches.joined()), shape: shape).to(device) }
        clean = try tensor(samples.map(\.clean.voxels))
        views = []
        for view in samples[0].views.indices { views.append(try tensor(samples.map { $0.views[view].voxels })) }
        if !samples[0].weights.isEmpty { weights = try tensor(samples.map(\.weights)) }
    }
}

extension PretrainingObjective {
    /// The loss of a network on a batch; reconstructions are compared in single precision whatever the network computes in.
    public func loss(of network: ViTAutoencoder, on batch: PretrainingBatch) throws(TorchError) -> PretrainingLoss {
        let first = try network(batch.views[0]).reconstruction.to(.float32)
        if let weights = batch.weights { return try maskedLoss(first, clean: batch.clean, weights: weights) }
        return try loss(first: first, second: network(batch.views[1]).reconstruction.to(.float32), clean: batch.clean)
    }
}
