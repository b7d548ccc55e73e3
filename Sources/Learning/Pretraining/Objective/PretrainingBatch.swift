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

    /// Tensors that somebody else made.
    package init(clean: Tensor, views: [Tensor]) {
        self.clean = clean
        self.views = views
    }
}

extension PretrainingObjective {
    /// The loss of a network on a batch; reconstructions are compared in single precision whatever the network computes in.
    /// - Parameter memory: how memory is spared; the loss's tape must then run after `backward()`.
    public func loss(of network: any RestoringNetwork, on batch: PretrainingBatch, memory: MemoryOptions = MemoryOptions()) throws(TorchError)
        -> PretrainingLoss
    {
        let forward = SparingForward(memory, batch: batch.clean.shape[0])
        func restored(_ view: Tensor) throws(TorchError) -> Tensor {
            try forward(view) { (input, tape) throws(TorchError) in try network.restoring(input, tape: tape).reconstruction }.to(.float32)
        }
        let first = try restored(batch.views[0])
        var loss: PretrainingLoss
        if let weights = batch.weights {
            loss = try maskedLoss(first, clean: batch.clean, weights: weights)
        } else {
            loss = try self.loss(first: first, second: restored(batch.views[1]), clean: batch.clean)
        }
        loss.tape = forward.tape
        return loss
    }
}
