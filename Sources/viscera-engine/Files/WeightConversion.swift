import CommandSupport
import Foundation
import Segmentation
import Weights

/// Weights on their way to another file: names of a MONAI generation, the type of stored numbers, the format that the ending names.
struct WeightConversion {
    var generation: MONAIGeneration?
    var precision: Precision?

    /// The endings of weight files that can be written.
    static let endings = ["safetensors", "pt", "pth"]

    /// Refuses a file name that has none of the endings.
    static func requireEnding(of destination: URL) throws {
        guard endings.contains(destination.pathExtension.lowercased()) else {
            throw ToolFailure(.usage, "'\(destination.path)' has no ending of a weight file; expected .safetensors, .pt or .pth")
        }
    }

    /// Writes `state` to `destination`, atomically.
    func write(_ state: StateDictionary, to destination: URL, console: Console) throws {
        try Self.requireEnding(of: destination)
        var state = state
        if let generation {
            let canonical = try NameMapping.canonical(state)
            let exported = try generation.export(canonical.state)
            console.note("\(canonical.report)\n\(exported.report)")
            state = exported.state
        }
        if let precision { state = try state.storingFloats(as: precision.storedType) }
        try AtomicOutput.write(to: destination) { address in
            if destination.pathExtension.lowercased() == "safetensors" {
                try WeightFile.writeSafetensors(state, to: address)
            } else {
                try WeightFile.writeTorchCheckpoint(state, to: address)
            }
        }
    }
}
