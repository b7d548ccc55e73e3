import Torch

/// The tensors of one batch of patches.
struct PatchTensors {
    /// Float [batch, 1, X, Y, Z].
    var image: Tensor
    /// Int64 [batch, X, Y, Z].
    var labels: Tensor
    /// Float [batch, channels]: 1 where the class was drawn in the sample; `nil` when all were.
    var drawn: Tensor?

    /// - Parameter shape: the shape [X, Y, Z] of every patch.
    init(_ patches: [Patch], shape: [Int], channels: Int, device: Device) throws(TorchError) {
        image = try Tensor(patches.flatMap(\.image), shape: [patches.count, 1] + shape).to(device)
        labels = try Tensor(patches.flatMap(\.labels), shape: [patches.count] + shape).to(.int64, device)
        if Self.areComplete(patches, channels: channels) { return }
        let mask = patches.flatMap { patch in (0..<channels).map { $0 == 0 || patch.labelled.contains(UInt8($0)) ? Float(1) : 0 } }
        drawn = try Tensor(mask, shape: [patches.count, channels]).to(device)
    }

    /// Whether every class was drawn in every patch.
    static func areComplete(_ patches: [Patch], channels: Int) -> Bool { patches.allSatisfy { $0.labelled.count >= channels - 1 } }
}
