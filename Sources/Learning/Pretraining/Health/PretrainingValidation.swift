import Foundation
import Models
import Torch

/// How well a network restores crops it does not learn from, and whether its embeddings are in health.
public struct PretrainingValidation: Sendable {
    /// The mean absolute error of the restored first views, weighted by the number of samples; the lower the better.
    public var reconstruction: Double
    /// The state of the embeddings; `nil` with fewer than two crops.
    public var health: EmbeddingHealth?
    /// The first restored crop of each of the first cases.
    private let restored: [[Float]]

    /// The rows of the panel.
    static let panelRows = 4

    /// Runs every case of the sampler through the network. Corruptions are the same each time (the reference draws new ones).
    /// - Parameter shares: how processes share the cases; all of them get the same.
    public init(
        of network: any RestoringNetwork, on sampler: PretrainingSampler, device: Device = .cpu, among shares: WorkShares = WorkShares()
    ) throws {
        let findings = try shares.results(sampler.volumes.count) { try Finding(of: network, on: sampler, case: $0, device: device) }
        let count = findings.reduce(0) { $0 + $1.count }
        reconstruction = findings.reduce(0) { $0 + $1.error * Double($1.count) } / Double(count)
        let embeddings = (0..<2).map { view in findings.flatMap { view < $0.embeddings.count ? $0.embeddings[view] : [] } }
        health = count > 1 ? EmbeddingHealth(embeddings[0], secondViews: embeddings[1]) : nil
        restored = findings.compactMap { $0.restored?.withUnsafeBytes { [Float]($0.bindMemory(to: Float.self)) } }
    }

    /// Crops of the first cases.
    /// - Throws: what reading a volume throws that is not held.
    public func panel(on sampler: PretrainingSampler) throws -> ReconstructionPanel {
        ReconstructionPanel(
            try restored.enumerated().map { index, voxels in
                let sample = try sampler.validationSamples(of: index)[0]
                let patch = ImagePatch(shape: sample.clean.shape, voxels: voxels)
                return ReconstructionPanel.Row(clean: sample.clean, corrupted: sample.views[0], restored: patch)
            })
    }

    /// What is found in one case, as processes tell each other.
    struct Finding: Codable {
        /// The mean absolute error of the restored first views.
        var error: Double
        /// The crops of the case.
        var count: Int
        /// Per view and crop.
        var embeddings: [[[Float]]]
        /// The first restored crop, as the bytes of its numbers, in the first cases.
        var restored: Data?

        init(of network: any RestoringNetwork, on sampler: PretrainingSampler, case index: Int, device: Device) throws {
            let samples = try sampler.validationSamples(of: index)
            let batch = try PretrainingBatch(samples, device: device)
            let seen = try withoutGradients { () throws(TorchError) in try batch.views.map { (view) throws(TorchError) in try network.seen(view) } }
            embeddings = seen.map(\.embeddings)
            error = try sampler.configuration.objective.error(seen[0].restored, batch)
            count = samples.count
            if index < PretrainingValidation.panelRows { restored = try seen[0].restored.indexed(0).data() }
        }
    }
}

extension RestoringNetwork {
    /// Restored crops in single precision, and the mean of each crop's last tokens.
    fileprivate func seen(_ view: Tensor) throws(TorchError) -> (restored: Tensor, embeddings: [[Float]]) {
        let (restored, hidden) = try restoring(view, tape: nil)
        let means = try transformer.norm(hidden[hidden.count - 1]).mean(axes: [1]).to(.float32)  // [n, width]
        var embeddings: [[Float]] = []
        for crop in 0..<means.shape[0] { embeddings.append(try means.indexed(crop).floats()) }
        return (try restored.to(.float32), embeddings)
    }
}

extension PretrainingObjective {
    /// The mean absolute error of restored first views over the voxels that count.
    fileprivate func error(_ restored: Tensor, _ batch: PretrainingBatch) throws(TorchError) -> Double {
        if let weights = batch.weights { return try maskedLoss(restored, clean: batch.clean, weights: weights).reconstruction.item() }
        return try (restored - batch.clean).abs().mean().item()
    }
}
