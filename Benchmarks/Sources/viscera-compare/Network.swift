import Foundation
import Models
import Torch
import TorchNN
import Weights

/// A network of either architecture, seen as image → image.
enum Network {
    case unetr(UNETR)
    case autoencoder(ViTAutoencoder)

    init(_ architecture: Architecture, _ size: NetworkSize, weights: URL) throws {
        switch architecture {
        case .unetr:
            let network = try UNETR(size.unetr)
            try network.loadState(TensorFile.read(weights))
            self = .unetr(network)
        case .autoencoder:
            let network = try ViTAutoencoder(size.unetr.transformer)
            try network.loadState(TensorFile.read(weights))
            self = .autoencoder(network)
        }
    }

    var module: any Module {
        switch self {
        case .unetr(let network): network
        case .autoencoder(let network): network
        }
    }

    func callAsFunction(_ image: Tensor) throws -> Tensor {
        switch self {
        case .unetr(let network): try network(image)
        case .autoencoder(let network): try network(image).reconstruction
        }
    }
}

/// Tensors in safetensors files.
enum TensorFile {
    static func read(_ url: URL) throws -> [String: Tensor] {
        let entries = try WeightFile.readSafetensors(url).entries.map { name, stored in
            guard let dtype = types[stored.type] else { throw RequestError(reason: "'\(name)' has the type \(stored.type)") }
            return (name, try Tensor(stored.bytes, dtype: dtype, shape: stored.shape))
        }
        return Dictionary(uniqueKeysWithValues: entries)
    }

    static func write(_ tensors: [(name: String, tensor: Tensor)], to url: URL) throws {
        let entries = try tensors.map { ($0.name, StoredTensor(floats: try $0.tensor.detached().floats(), shape: $0.tensor.shape)) }
        try WeightFile.writeSafetensors(StateDictionary(entries), to: url)
    }

    private static let types: [ScalarType: DType] = [.float32: .float32, .float64: .float64, .int64: .int64, .uint8: .uint8]
}
