import Models
import Segmentation

/// One piece of work. Which fields are needed depends on `kind`.
struct Request: Decodable {
    enum Kind: String, Decodable {
        case start, load, unload, forward, gradients, steps, preprocess, segment, pipeline, corrupt, pretrain, finetune, predict
    }

    var kind: Kind
    var threads: Int?
    /// The name under which a network was loaded.
    var network: String?
    var architecture: Architecture?
    var configuration: NetworkSize?
    /// Safetensors files.
    var weights: String?
    /// Where a network is loaded to: cpu (default) or cuda.
    var device: String?
    var input: String?
    var output: String?
    /// Where the values behind every leaky ReLU of a UNETR go: `000`, `001`, … in the order in which they run.
    var activations: String?
    /// The numbers a forward pass computes with (default: fp32).
    var precision: Precision?
    /// A volume, or a folder with a DICOM series.
    var image: String?
    var overlap: Double?
    /// Whether windows of pure air are left out (default), which a network with random weights would label.
    var skipsAir: Bool?
    var count: Int?
    /// How many samples of a batch go through the network at a time (default: all).
    var microBatch: Int?
    var learningRate: Double?
    var weightDecay: Double?
    var transform: Transform?
    var seed: UInt32?

    /// `value`, or an error that names the field.
    func required<Value>(_ value: Value?, _ field: String) throws -> Value {
        guard let value else { throw RequestError(reason: "the request '\(kind.rawValue)' needs '\(field)'") }
        return value
    }
}

/// What was done.
struct Reply: Encodable {
    var error: String?
    /// Wall time of the work itself, without reading and writing tensors.
    var seconds: Double?
    /// The part of it that the network, or what stands for it, took.
    var networkSeconds: Double?
    var loss: Double?
    /// The loss of every step.
    var losses: [Double]?
    /// Peak resident memory during the work.
    var peakBytes: Int?
}

/// A request that cannot be answered.
struct RequestError: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
}

enum Architecture: String, Decodable {
    case unetr, autoencoder
}

/// The numbers that make a network.
struct NetworkSize: Decodable {
    var inChannels: Int
    var outChannels: Int
    var imageShape: [Int]
    var patchProjection: PatchProjection
    var hiddenSize: Int
    var mlpSize: Int
    var headCount: Int
    var layerCount: Int
    var featureSize: Int

    var unetr: UNETRConfiguration {
        var result = UNETRConfiguration()
        result.inChannels = inChannels
        result.outChannels = outChannels
        result.imageShape = imageShape
        result.patchProjection = patchProjection
        result.hiddenSize = hiddenSize
        result.mlpSize = mlpSize
        result.headCount = headCount
        result.layerCount = layerCount
        result.featureSize = featureSize
        return result
    }
}
