import CommandSupport
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
    let device: Device
    /// The names of the labels, background left out.
    let labelNames: [UInt8: String]
    /// What the file says is done to the label maps.
    let postprocessing: Postprocessing?
    let summary: NetworkSummary

    /// Checks a label list against the labels that the network knows.
    func complete(_ options: SegmentationOptions) throws -> SegmentationOptions {
        if let unknown = options.classes?.filter({ labelNames[$0] == nil }).min() {
            throw ToolFailure(.usage, "--organs names label \(unknown), which the model does not know; it knows 1 to \(labelNames.keys.max() ?? 0)")
        }
        return options
    }

    /// The network that the options ask for, on its device: a UNETR, or a TorchScript program.
    /// - Throws: `ToolFailure` when there is no model or no such device, `WeightError` and `StateError` for files that do not fit.
    static func load(_ options: ModelOptions, prediction: PredictionOptions, console: Console) throws -> NetworkSource {
        let file = try ModelLocation.resolve(options.model)
        let device = try options.device.resolve()
        console.progress("model")
        let isScript = try WeightFile.kind(of: file) == .torchScript
        var loaded =
            isScript
            ? try LoadedNetwork.script(file, on: device, precision: options.precision, roi: prediction.roi)
            : try LoadedNetwork.unetr(file, on: device, precision: options.precision, console: console)
        let shape = loaded.predictor.windowShape
        if let roi = prediction.roi, roi.shape != shape {
            throw ToolFailure(
                .usage, "--roi is \(roi.shape.x),\(roi.shape.y),\(roi.shape.z), but this network only accepts \(shape.x),\(shape.y),\(shape.z)")
        }
        loaded.recipe = options.recipe.applied(to: loaded.recipe, isStated: loaded.statesRecipe, console: console)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let summary = NetworkSummary(
            name: file.deletingPathExtension().lastPathComponent, path: file.path, sha256: try Fingerprint.sha256(of: file),
            architecture: loaded.architecture, recipe: String(decoding: try encoder.encode(loaded.recipe), as: UTF8.self),
            device: device == .cpu ? "CPU, \(Threads.summary)" : "\(device)", precision: options.precision.effective(on: device).rawValue,
            engine: "LibTorch \(libTorchVersion)")
        console.note("\(summary.name)  \(summary.architecture), \(summary.device), \(summary.precision)")
        if let remark = options.precision.remark(on: device) { console.warning(remark) }
        for assumption in loaded.assumptions { console.warning("the model file does not say so, assumed: \(assumption)") }
        return NetworkSource(
            predictor: loaded.predictor, recipe: loaded.recipe, device: device, labelNames: loaded.labelNames, postprocessing: loaded.postprocessing,
            summary: summary)
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
