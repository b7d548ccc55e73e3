import Models
import Torch

/// How well an auto-encoder restores crops it does not learn from, and whether its embeddings are in health.
public struct PretrainingValidation: Sendable {
    /// The mean absolute error of the restored first views, weighted by the number of samples; the lower the better.
    public var reconstruction: Double
    /// The state of the embeddings; `nil` with fewer than two crops.
    public var health: EmbeddingHealth?
    /// Crops of the first cases.
    public var panel: ReconstructionPanel

    /// The rows of the panel.
    static let panelRows = 4

    /// Runs every case of the sampler through the network. Corruptions are the same each time (the reference draws new ones).
    /// - Parameter cases: how many cases from the first on; `nil` for all.
    public init(
        of network: ViTAutoencoder, on sampler: PretrainingSampler, cases: Int? = nil, device: Device = .cpu
    ) throws {
        let objective = sampler.configuration.objective
        var (sum, count) = (0.0, 0)
        var embeddings: [[[Float]]] = [[], []]
        var rows: [ReconstructionPanel.Row] = []
        for index in (0..<sampler.volumes.count).prefix(cases ?? .max) {
            let samples = try sampler.validationSamples(of: index)
            let batch = try PretrainingBatch(samples, device: device)
            let seen = try withoutGradients { () throws(TorchError) in try batch.views.map { (view) throws(TorchError) in try network.seen(view) } }
            for (view, found) in seen.enumerated() { embeddings[view] += found.embeddings }
            let restored = seen[0].restored
            sum += try objective.error(restored, batch) * Double(samples.count)
            count += samples.count
            if rows.count < PretrainingValidation.panelRows {
                let output = try restored.indexed(0).floats()
                let patch = ImagePatch(shape: samples[0].clean.shape, voxels: output)
                rows.append(.init(clean: samples[0].clean, corrupted: samples[0].views[0], restored: patch))
            }
        }
        reconstruction = sum / Double(count)
        health = count > 1 ? EmbeddingHealth(embeddings[0], secondViews: embeddings[1]) : nil
        panel = ReconstructionPanel(rows)
    }
}

extension ViTAutoencoder {
    /// Restored crops in single precision, and the mean of each crop's last tokens.
    fileprivate func seen(_ view: Tensor) throws(TorchError) -> (restored: Tensor, embeddings: [[Float]]) {
        let (restored, hidden) = try self(view)
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
