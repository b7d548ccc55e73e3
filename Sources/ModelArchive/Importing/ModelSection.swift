import Foundation
import Models
import Weights

/// The `model` section of somebody's training configuration, wherever it stands: `{"name"|"path", "args"}`, with or without AutoML's `search`.
struct ModelSection {
    /// Where it stands.
    let keyPath: String
    let network: NetworkPlan
    /// What has no meaning for the weights, in sentences.
    let ignored: [String]

    /// Reads the first `model` of a configuration, looking at the top and then, depth first, inside (MONAI `load_from_mmar`, 0.8).
    init(configuration: URL, environment: URL?) throws(ArchiveError) {
        let file = configuration.path
        let members = try Self.members(configuration)
        let known = try environment.map { url throws(ArchiveError) in try Self.members(url) } ?? []
        guard let (value, keyPath) = Self.search(.object(members), path: ""), let body = value.members else {
            throw .configuration(file: file, keyPath: "model", reason: "is missing; expected {\"name\": \"UNETR\", \"args\": {…}}")
        }
        self.keyPath = keyPath
        let place = ConfigurationPlace(file: file, keyPath: keyPath)
        let globals = members.filter { $0.value.members == nil && $0.value.elements == nil }
        var used: Set<String> = []
        let kept = body.filter { ["name", "path", "args"].contains($0.name) }
        let variables = ArchiveVariables(globals: globals, environment: known, settings: [])
        let resolved = try variables.substituted(.object(kept), at: place, used: &used)
        var reader = ComponentReader()
        guard let component = try reader.component(resolved, slot: .model, at: place) else { throw place.failure("is disabled") }
        network = try NetworkPlan(component)
        ignored = body.filter { !["name", "path", "args"].contains($0.name) }.map { "left out of the configuration: \(keyPath).\($0.name)" }
    }

    private static func members(_ url: URL) throws(ArchiveError) -> [JSONValue.Member] {
        guard let data = try? Data(contentsOf: url), let value = try? JSONScanner.value(of: data, format: "JSON"), let members = value.members else {
            throw .configuration(file: url.path, keyPath: "", reason: "is no readable JSON object")
        }
        return members
    }

    private static func search(_ value: JSONValue, path: String) -> (JSONValue, String)? {
        if let found = value["model"], found.members != nil { return (found, path.isEmpty ? "model" : "\(path).model") }
        for member in value.members ?? [] {
            if let found = search(member.value, path: path.isEmpty ? member.name : "\(path).\(member.name)") { return found }
        }
        return nil
    }

    var imageShape: [Int] {
        switch network {
        case .unetr(let sizes): sizes.imageShape
        case .autoencoder(let sizes, _): sizes.imageShape
        }
    }

    var headCount: Int {
        switch network {
        case .unetr(let sizes): sizes.headCount
        case .autoencoder(let sizes, _): sizes.headCount
        }
    }

    /// A few words.
    var summary: String {
        switch network {
        case .unetr(let sizes):
            "UNETR, \(sizes.inChannels) → \(sizes.outChannels) channels, window \(sizes.imageShape), hidden size \(sizes.hiddenSize)"
        case .autoencoder(let sizes, _): "ViTAutoEnc, window \(sizes.imageShape), hidden size \(sizes.hiddenSize)"
        }
    }

    /// The first size in which the weights differ from the configuration.
    func contradiction(_ found: Architecture) -> (key: String, expected: String, found: String)? {
        guard case .unetr(let stated) = network else { return ("name", "UNETR", "ViTAutoEnc") }
        let pairs = [
            ("in_channels", stated.inChannels, found.inChannels), ("out_channels", stated.outChannels, found.outChannels),
            ("feature_size", stated.featureSize, found.featureSize), ("hidden_size", stated.hiddenSize, found.hiddenSize),
            ("mlp_dim", stated.mlpSize, found.mlpSize), ("num_layers", stated.layerCount, found.layerCount),
        ]
        if let pair = pairs.first(where: { $0.1 != $0.2 }) { return (pair.0, "\(pair.1) as the configuration says", "\(pair.2) in the weights") }
        let projection = stated.patchProjection == .convolution ? "conv" : "perceptron"
        return projection == found.patchProjection.rawValue ? nil : ("pos_embed", projection, found.patchProjection.rawValue)
    }
}
