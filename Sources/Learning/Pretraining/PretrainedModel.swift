import Foundation
import Models
import Weights

/// A pre-trained network as a file: encoder and decoder with their sizes, the preprocessing and how the weights came about.
public struct PretrainedModel {
    public var network: any RestoringNetwork
    public var configuration: PretrainingConfiguration
    /// The optimizer steps behind the weights.
    public var step: Int
    /// The validation's mean absolute error of these weights; `nil` without validation.
    public var reconstruction: Double?

    public init(network: any RestoringNetwork, configuration: PretrainingConfiguration, step: Int, reconstruction: Double? = nil) {
        self.network = network
        self.configuration = configuration
        self.step = step
        self.reconstruction = reconstruction
    }

    /// The sizes for the metadata.
    private var architecture: Architecture {
        let sizes = configuration.network
        var result = Architecture()
        switch configuration.restorer {
        case .autoencoder: (result.kind, result.featureSize) = (.vitAutoencoder, configuration.decoderChannels)
        case .unetr: (result.kind, result.featureSize) = (.restoringUNETR, configuration.featureSize)
        }
        result.hiddenStateTaps = configuration.restorer == .unetr ? configuration.hiddenStateTaps : nil
        (result.inChannels, result.outChannels) = (sizes.inChannels, sizes.inChannels)
        (result.imageShape, result.patchShape) = (sizes.imageShape, sizes.patchShape)
        (result.hiddenSize, result.mlpSize) = (sizes.hiddenSize, sizes.mlpSize)
        (result.headCount, result.layerCount) = (sizes.headCount, sizes.layerCount)
        result.patchProjection = sizes.patchProjection == .convolution ? .convolution : .perceptron
        return result
    }

    /// Writes the file in Viscera's format, atomically, in single precision: it is a place to start from.
    /// - Parameter provenance: commands and data; seed, steps, result and configuration are added.
    public func write(to url: URL, provenance: Provenance, license: String) throws {
        var metadata = ModelMetadata(architecture: architecture)
        try metadata.setRecipe(configuration.recipe)
        metadata.roi = configuration.network.imageShape
        metadata.license = license
        var full = provenance
        full.seed = configuration.loop.seed
        if let reconstruction { full.results = ["validation L1": String(format: "%.5f", reconstruction)] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var portable = configuration
        // Where this machine keeps its volumes is nobody's business.
        portable.cache = CacheOptions()
        let settings = String(decoding: try encoder.encode(portable), as: UTF8.self)
        full.note = "self-supervised pre-training, objective \(configuration.objective.kind.rawValue), \(step) steps; configuration \(settings)"
        metadata.provenance = full
        try ModelFile.write(network.stateDictionary(), metadata: metadata, to: url)
    }
}
