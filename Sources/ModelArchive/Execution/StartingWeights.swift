import Foundation
import Models
import Torch
import Weights

/// Weights that a training starts from.
enum StartingWeights {
    /// Copies the weights of a file into parameters.
    /// - Parameter isStrict: whether every parameter must be there; otherwise the transformer (`vit.…`) must, whatever else the file holds: that is
    ///   how pre-training is put to use.
    /// - Returns: what was done, in a sentence.
    /// - Throws: `WeightError` for a file that cannot be read, a tensor that is missing, or one of another shape; nothing is changed then.
    static func load(_ file: URL, into parameters: [(name: String, tensor: Tensor)], isStrict: Bool) throws -> String {
        let canonical = try NameMapping.canonical(WeightFile.read(file).state)
        let wanted = isStrict ? parameters : parameters.filter { $0.name.hasPrefix("vit.") }
        var copies: [(target: Tensor, source: Tensor)] = []
        for (name, tensor) in wanted {
            // An auto-encoder's names are those below `vit.`.
            let stored = canonical.state[name] ?? (isStrict ? nil : canonical.state[String(name.dropFirst("vit.".count))])
            guard let stored else { throw WeightError(.missingTensor(name: name), path: file.path) }
            guard stored.shape == tensor.shape else {
                throw WeightError(.mismatch(name: name, expected: "\(tensor.shape)", found: "\(stored.shape)"), path: file.path)
            }
            copies.append((tensor, try Tensor(stored).to(.float32)))
        }
        try withoutGradients { () throws(TorchError) in for (target, source) in copies { try target.assign(source) } }
        let rest = canonical.state.count - copies.count
        return "started from \(file.path): \(copies.count) tensors copied\(rest > 0 ? ", \(rest) left out" : "")"
    }
}
