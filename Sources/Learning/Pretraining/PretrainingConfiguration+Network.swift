import Models
import Torch

extension PretrainingConfiguration {
    /// The network that restores crops, with starting values drawn from `generator` or the default one.
    func makeNetwork(generator: Generator? = nil) throws -> any RestoringNetwork {
        switch restorer {
        case .autoencoder: try ViTAutoencoder(network, decoderChannels: decoderChannels, generator: generator)
        case .unetr: try UNETR(unetr, generator: generator)
        }
    }

    /// The sizes of a UNETR that restores crops.
    var unetr: UNETRConfiguration {
        var sizes = UNETRConfiguration()
        (sizes.inChannels, sizes.outChannels, sizes.featureSize) = (network.inChannels, network.inChannels, featureSize)
        (sizes.imageShape, sizes.hiddenSize, sizes.mlpSize) = (network.imageShape, network.hiddenSize, network.mlpSize)
        (sizes.headCount, sizes.layerCount, sizes.patchProjection) = (network.headCount, network.layerCount, network.patchProjection)
        sizes.hiddenStateTaps = hiddenStateTaps
        return sizes
    }
}
