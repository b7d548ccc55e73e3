import Torch
import TorchNN

/// A network that pre-training teaches to restore corrupted images, and whose transformer is carried into a UNETR afterwards.
public protocol RestoringNetwork: Module {
    var transformer: VisionTransformer { get }

    /// image [batch, channel, X, Y, Z] → the reconstruction of the same shape, and the transformer's hidden states [batch, token, width].
    /// - Parameter tape: takes the parts of the network as segments, so that their activations are computed twice and not kept.
    func restoring(_ image: Tensor, tape: RecomputationTape?) throws(TorchError) -> (reconstruction: Tensor, hiddenStates: [Tensor])
}

extension ViTAutoencoder: RestoringNetwork {
    public func restoring(_ image: Tensor, tape: RecomputationTape?) throws(TorchError) -> (reconstruction: Tensor, hiddenStates: [Tensor]) {
        try self(image, tape: tape)
    }
}

/// With one output channel for each of the image's.
extension UNETR: RestoringNetwork {
    public func restoring(_ image: Tensor, tape: RecomputationTape?) throws(TorchError) -> (reconstruction: Tensor, hiddenStates: [Tensor]) {
        let (tokens, hiddenStates) = try transformer(image, tape: tape)
        return (try decoded(image, tokens, hiddenStates, tape), hiddenStates)
    }
}
