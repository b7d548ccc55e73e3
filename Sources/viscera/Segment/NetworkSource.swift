import Foundation
import MedicalImaging
import Models
import Preprocessing
import Segmentation
import Torch
import Weights

/// A network ready to segment, with all that belongs to it.
struct NetworkSource {
    let predictor: any WindowPredictor
    let recipe: PreprocessingRecipe
    /// The names of the labels, background left out.
    let labelNames: [UInt8: String]
    let summary: NetworkSummary

    /// The thirteen organs.
    static let organNames = Dictionary(uniqueKeysWithValues: Organ.allCases.map { ($0.rawValue, $0.name) })

    /// Checks a label list against the labels that the network knows.
    func complete(_ options: SegmentationOptions) throws -> SegmentationOptions {
        if let unknown = options.classes?.filter({ labelNames[$0] == nil }).min() {
            throw ToolFailure(.usage, "--organs names label \(unknown), which the model does not know; it knows 1 to \(labelNames.keys.max() ?? 0)")
        }
        return options
    }

    /// The network that the options ask for, on its device.
    /// - Throws: `ToolFailure` when there is no model or no such device, `WeightError` and `StateError` for files that do not fit.
    static func load(_ options: ModelOptions, prediction: PredictionOptions, console: Console) throws -> NetworkSource {
        let file = try ModelLocation.resolve(options.model)
        let device = try options.device.resolve()
        console.progress("model")
        let content = try ModelPackage.read(file)
        if let mapping = content.mapping, !mapping.isIdentity { console.note("\(mapping)") }
        let network = content.network
        let predictor = try NetworkPredictor(network: network, device: device, precision: options.precision)
        if let roi = prediction.roi, roi.shape != predictor.windowShape {
            let shape = predictor.windowShape
            throw ToolFailure(
                .usage, "--roi is \(roi.shape.x),\(roi.shape.y),\(roi.shape.z), but this network only accepts \(shape.x),\(shape.y),\(shape.z)")
        }
        let size = String(format: "%.1f", Double(network.parameterCount) / 1e6)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let summary = NetworkSummary(
            name: file.deletingPathExtension().lastPathComponent, path: file.path, sha256: try Fingerprint.sha256(of: file),
            architecture: "UNETR, \(size) M parameters", recipe: String(decoding: try encoder.encode(content.recipe), as: UTF8.self),
            device: device == .cpu ? "CPU, \(Threads.count) threads" : "\(device)", precision: options.precision.rawValue,
            engine: "LibTorch \(libTorchVersion)")
        console.note("\(summary.name)  \(summary.architecture), \(summary.device), \(summary.precision)")
        for assumption in content.assumptions { console.warning("the model file does not say so, assumed: \(assumption)") }
        return NetworkSource(predictor: predictor, recipe: content.recipe, labelNames: content.labelNames, summary: summary)
    }
}

/// What is said about the network in results.
struct NetworkSummary: Sendable, Encodable {
    var name: String
    var path: String
    var sha256: String
    var architecture: String
    var recipe: String
    var device: String
    var precision: String
    /// LibTorch and its version.
    var engine: String
}
