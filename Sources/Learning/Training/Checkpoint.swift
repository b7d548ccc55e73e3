import Foundation
import Models
import Torch
import Weights

/// The state of a training run in one safetensors file: weights (`network.…`), their average (`average.…`), the optimizer's moments
/// (`optimizer.…`) and, as metadata, the configuration, the loop's numbers and a checksum of it all. Written to a temporary name and renamed.
struct Checkpoint {
    /// The numbers of the loop.
    let state: LoopState
    private let tensors: [String: Tensor]
    private let file: String

    /// - Parameter identity: the configuration that the run must share with the checkpoint, as JSON.
    /// - Throws: `LearningError.checkpoint` when the file is damaged or belongs to another configuration, naming the first key that differs.
    static func read(_ url: URL, identity: String) throws -> Checkpoint {
        let stored: StateDictionary
        do { stored = try WeightFile.readSafetensors(url) } catch {
            throw LearningError.checkpoint(file: url.path, reason: "is damaged (\(damage(error))); remove it to start again")
        }
        guard isIntact(stored) else {
            throw LearningError.checkpoint(file: url.path, reason: "is damaged (its checksum is wrong); remove it to start again")
        }
        guard let saved = stored.metadata["configuration"], let text = stored.metadata["state"],
            let state = try? JSONDecoder().decode(LoopState.self, from: Data(text.utf8))
        else { throw LearningError.checkpoint(file: url.path, reason: "is not a training checkpoint of this version; choose another output folder") }
        if let difference = JSONDifference.first(expected: saved, found: identity) {
            throw LearningError.checkpoint(
                file: url.path,
                reason: "belongs to a run with another configuration (\(difference)); repeat its options or choose another output folder")
        }
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in stored.entries { tensors[name] = try Tensor(tensor) }
        return Checkpoint(state: state, tensors: tensors, file: url.path)
    }

    /// Copies the saved state into a run.
    func restore(_ parameters: [(name: String, tensor: Tensor)], optimizer: ParameterGroups, average: WeightAverage) throws {
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
    }

    private func section(_ prefix: String) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: tensors.compactMap { $0.key.hasPrefix(prefix) ? (String($0.key.dropFirst(prefix.count)), $0.value) : nil })
    }

    /// - Throws: whatever prevents the file from being written; an earlier checkpoint then stays as it was.
    static func write(
        _ url: URL, identity: String, state: LoopState, parameters: [(name: String, tensor: Tensor)], optimizer: ParameterGroups,
        average: WeightAverage
    ) throws {
        var stored = StateDictionary()
        for (prefix, tensors) in [("network.", parameters), ("optimizer.", try optimizer.state()), ("average.", average.averages)] {
            for (name, tensor) in tensors { stored[prefix + name] = try tensor.stored() }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        stored.metadata["configuration"] = identity
        stored.metadata["state"] = String(decoding: try encoder.encode(state), as: UTF8.self)
        stored.metadata["checksum"] = checksum(of: stored)
        try WeightFile.writeSafetensors(stored, to: url)
    }

    /// What is wrong with the file, without the advice for files from elsewhere.
    private static func damage(_ error: WeightError) -> String {
        if case .malformed(_, let place, let reason) = error.problem { return "\(place): \(reason)" }
        return "\(error.problem)"
    }

    /// Whether the file says what was written. Checkpoints of earlier versions have no checksum and are taken at their word.
    private static func isIntact(_ stored: StateDictionary) -> Bool {
        if let checksum = stored.metadata["checksum"] { return checksum == self.checksum(of: stored) }
        // Any other entry is one of these whose name is damaged.
        return Set(stored.metadata.keys).isSubset(of: ["configuration", "state"])
    }

    /// CRC-32 of the metadata and of every tensor's name, shape and bytes, in order.
    private static func checksum(of stored: StateDictionary) -> String {
        let texts = ["configuration", "state"].map { "\(stored.metadata[$0] ?? "")\n" }
        var value = Checksum.crc32(Data(texts.joined().utf8))
        for (name, tensor) in stored.entries {
            value = Checksum.crc32(Data("\(name) \(tensor.type) \(tensor.shape)\n".utf8), after: value)
            value = Checksum.crc32(tensor.bytes, after: value)
        }
        return String(value, radix: 16)
    }
}
