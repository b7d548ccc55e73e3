import Foundation
import Models
import Torch
import Weights

/// The state of a training run in one safetensors file: weights (`network.…`), their average (`average.…`), the optimizer's moments
/// (`optimizer.…`) and, as metadata, the configuration and the step. Written to a temporary name and renamed.
struct Checkpoint {
    private let tensors: [String: Tensor]
    private let step: Int
    private let file: String

    /// - Throws: `LearningError.checkpoint` when the file is damaged or belongs to another configuration.
    static func read(_ url: URL, configuration: TrainingConfiguration) throws -> Checkpoint {
        let stored: StateDictionary
        do { stored = try WeightFile.readSafetensors(url) } catch {
            throw LearningError.checkpoint(file: url.path, reason: "is damaged (\(error)); remove it to start again")
        }
        guard let text = stored.metadata["configuration"], let step = stored.metadata["step"].flatMap(Int.init),
            let saved = try? JSONDecoder().decode(TrainingConfiguration.self, from: Data(text.utf8))
        else { throw LearningError.checkpoint(file: url.path, reason: "is not a training checkpoint of Viscera; choose another output folder") }
        guard saved.isCompatible(with: configuration) else {
            throw LearningError.checkpoint(
                file: url.path, reason: "belongs to a run with another configuration; repeat its options or choose another output folder")
        }
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in stored.entries { tensors[name] = try Tensor(tensor) }
        return Checkpoint(tensors: tensors, step: step, file: url.path)
    }

    /// Copies the saved state into a run and returns the number of steps done.
    func restore(_ parameters: [(name: String, tensor: Tensor)], optimizer: Adam, average: WeightAverage) throws -> Int {
        let weights = section("network.")
        for (name, tensor) in parameters {
            guard let saved = weights[name], saved.shape == tensor.shape else {
                throw LearningError.checkpoint(
                    file: file, reason: "lacks the tensor \(name) of shape \(tensor.shape); remove the file to start again")
            }
            try withoutGradients { () throws(TorchError) in try tensor.assign(saved) }
        }
        try optimizer.restore(section("optimizer."))
        try average.restore(section("average."))
        return step
    }

    private func section(_ prefix: String) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: tensors.compactMap { $0.key.hasPrefix(prefix) ? (String($0.key.dropFirst(prefix.count)), $0.value) : nil })
    }

    /// - Throws: whatever prevents the file from being written; an earlier checkpoint then stays as it was.
    static func write(
        _ url: URL, configuration: TrainingConfiguration, step: Int, parameters: [(name: String, tensor: Tensor)],
        optimizer: [(name: String, tensor: Tensor)], average: [(name: String, tensor: Tensor)]
    ) throws {
        var stored = StateDictionary()
        for (prefix, tensors) in [("network.", parameters), ("optimizer.", optimizer), ("average.", average)] {
            for (name, tensor) in tensors { stored[prefix + name] = try tensor.stored() }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        stored.metadata["configuration"] = String(decoding: try encoder.encode(configuration), as: UTF8.self)
        stored.metadata["step"] = String(step)
        try WeightFile.writeSafetensors(stored, to: url)
    }
}

extension TrainingConfiguration {
    /// Whether a checkpoint of this configuration can be continued under `other`: everything but intervals, limits and length must agree.
    func isCompatible(with other: TrainingConfiguration) -> Bool {
        var adjusted = other
        adjusted.steps = steps
        adjusted.timeLimit = timeLimit
        adjusted.checkpointInterval = checkpointInterval
        adjusted.logInterval = logInterval
        return adjusted == self
    }
}
