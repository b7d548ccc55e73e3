import Foundation
import MedicalImaging
import Models
import Preprocessing
import Torch
import TorchNN
import Weights

/// A segmentation network with all that its use needs: the sizes, the names of its classes, the preprocessing it was trained with, where it
/// comes from and under which licence. Stored as one safetensors file whose metadata hold the rest as JSON.
public struct ModelPackage {
    public var network: UNETR
    /// What is done to a CT before the network sees it.
    public var recipe: PreprocessingRecipe
    /// The names of the channels; the first is the background.
    public var classNames: [String]
    /// How the weights were made: command, data, seed, software. Free text.
    public var provenance: String
    /// The licence of the weights, an SPDX identifier.
    public var license: String
    /// Which tensors of the file went where.
    public var report: LoadReport

    /// The value of the metadata key `format`.
    static let format = "viscera/1"

    /// Background and the thirteen organs.
    public static let organClassNames = ["background"] + Organ.allCases.map(\.name)

    public init(
        network: UNETR, recipe: PreprocessingRecipe, classNames: [String] = ModelPackage.organClassNames, provenance: String, license: String
    ) {
        self.network = network
        self.recipe = recipe
        self.classNames = classNames
        self.provenance = provenance
        self.license = license
        report = LoadReport()
    }

    /// The names of the labels, background left out.
    public var labelNames: [UInt8: String] {
        Dictionary(uniqueKeysWithValues: classNames.enumerated().dropFirst().map { (UInt8($0.offset), $0.element) })
    }

    /// Reads a package in Viscera's own format.
    /// - Throws: `WeightError` for a file that cannot be read or lacks metadata, `StateError` when the tensors do not fit the architecture.
    public static func read(_ url: URL) throws -> ModelPackage { try ModelPackage(WeightFile.readSafetensors(url)) }

    /// A package from the contents of a file in Viscera's own format; weights of any precision are loaded as fp32.
    public init(_ state: StateDictionary) throws {
        guard state.metadata["format"] == ModelPackage.format else {
            throw WeightError(
                .metadata(key: "format", reason: "expected \"\(ModelPackage.format)\", found \(state.metadata["format"] ?? "nothing")"))
        }
        let configuration: UNETRConfiguration = try ModelPackage.decode("architecture", of: state)
        let network = try UNETR(configuration)
        self.init(
            network: network, recipe: try ModelPackage.decode("recipe", of: state), classNames: try ModelPackage.decode("classes", of: state),
            provenance: state.metadata["provenance"] ?? "", license: state.metadata["license"] ?? "unknown")
        guard classNames.count == configuration.outChannels else {
            throw WeightError(
                .metadata(key: "classes", reason: "expected \(configuration.outChannels) names, one per channel, found \(classNames.count)"))
        }
        report = try network.loadState(state)
    }

    /// The file's contents, weights stored as `type`.
    public func stateDictionary(storing type: ScalarType = .float32) throws -> StateDictionary {
        let state = try network.stateDictionary(metadata: [
            "format": ModelPackage.format, "architecture": try ModelPackage.encode(network.configuration), "recipe": try ModelPackage.encode(recipe),
            "classes": try ModelPackage.encode(classNames), "roi": try ModelPackage.encode(network.configuration.imageShape),
            "provenance": provenance, "license": license,
        ])
        return type == .float32 ? state : try state.storingFloats(as: type)
    }

    /// Writes the package, atomically.
    public func write(to url: URL, storing type: ScalarType = .float32) throws {
        try WeightFile.writeSafetensors(stateDictionary(storing: type), to: url)
    }

    private static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func decode<Value: Decodable>(_ key: String, of state: StateDictionary) throws -> Value {
        guard let text = state.metadata[key] else {
            throw WeightError(.metadata(key: key, reason: "is missing; the file may be damaged or written by another program"))
        }
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw WeightError(.metadata(key: key, reason: "cannot be understood: \(error)"))
        }
    }
}
