import Foundation
import Learning
import Models
import Torch
import Weights

/// Weights that a training starts from.
enum StartingWeights {
    /// Copies the weights of a file into the parameters of a whole network.
    /// - Returns: what was done, in a sentence.
    /// - Throws: `WeightError` for a file that cannot be read, a tensor that is missing, or one of another shape; nothing is changed then.
    static func load(_ file: URL, into parameters: [(name: String, tensor: Tensor)]) throws -> String {
        let canonical = try NameMapping.canonical(WeightFile.read(file).state)
        var copies: [(target: Tensor, source: Tensor)] = []
        for (name, tensor) in parameters {
            guard let stored = canonical.state[name] else { throw WeightError(.missingTensor(name: name), path: file.path) }
            guard stored.shape == tensor.shape else {
                throw WeightError(.mismatch(name: name, expected: "\(tensor.shape)", found: "\(stored.shape)"), path: file.path)
            }
            copies.append((tensor, try Tensor(stored).to(.float32)))
        }
        try withoutGradients { () throws(TorchError) in for (target, source) in copies { try target.assign(source) } }
        let rest = canonical.state.count - copies.count
        return "started from \(file.path): \(copies.count) tensors copied\(rest > 0 ? ", \(rest) left out" : "")"
    }

    /// Takes the encoder of a file, whatever else it holds: that is how pre-training is put to use.
    /// - Returns: what became of every tensor.
    /// - Throws: `WeightError` for a file that cannot be read, `LearningError.transfer` when a part of the encoder is not in it.
    static func loadEncoder(_ file: URL, into task: SegmentationTask) throws -> String {
        let report = try task.start(.encoder, from: WeightTransfer(contentsOf: file))
        guard report.isComplete else {
            throw LearningError.transfer(
                file: file.path, reason: "expected every tensor of the encoder: \(report); give weights of the same sizes, or no CheckpointLoader")
        }
        return "encoder started from \(file.path): \(report)"
    }
}
