import CommandSupport
import Foundation
import Models
import Preprocessing
import Segmentation
import Torch
import Weights

/// What a model file gave, whatever kind of file it is.
struct LoadedNetwork {
    var predictor: any WindowPredictor
    var recipe: PreprocessingRecipe
    /// Whether the file itself says how to preprocess.
    var statesRecipe: Bool
    /// The names of the labels, background left out.
    var labelNames: [UInt8: String]
    /// What the file says is done to the label maps.
    var postprocessing: Postprocessing?
    /// Kind and size, in a few words.
    var architecture: String
    /// What the file did not say and was assumed.
    var assumptions: [String]

    /// A UNETR from a weight file.
    static func unetr(_ file: URL, on device: Device, precision: Precision, console: Console) throws -> LoadedNetwork {
        let content = try ModelPackage.read(file)
        if let mapping = content.mapping, !mapping.isIdentity { console.note("\(mapping)") }
        if !content.assumptions.isEmpty, let report = content.report { console.note("weights of a foreign file: \(report)") }
        let predictor = try NetworkPredictor(network: content.network, device: device, precision: precision)
        return LoadedNetwork(
            predictor: predictor, recipe: content.recipe, statesRecipe: content.statesRecipe, labelNames: content.labelNames,
            postprocessing: content.postprocessing, architecture: "UNETR, \(Self.size(content.network.parameterCount))",
            assumptions: content.assumptions)
    }

    /// A TorchScript program.
    static func script(_ file: URL, on device: Device, precision: Precision, roi: WindowSize?) throws -> LoadedNetwork {
        var content = try ScriptPackage.read(file, device: device)
        let recipe = content.recipe()
        let predictor = try ScriptPredictor(
            script: content.script, windowShape: content.windowShape(roi?.shape), device: device, precision: precision)
        let names = try content.classNames(channels: predictor.channelCount)
        let parameters = try content.script.tensors().reduce(0) { $0 + $1.tensor.count }
        return LoadedNetwork(
            predictor: predictor, recipe: recipe, statesRecipe: content.metadata.recipe != nil,
            labelNames: Dictionary(uniqueKeysWithValues: names.enumerated().dropFirst().map { (UInt8($0.offset), $0.element) }),
            postprocessing: content.metadata.postprocessing, architecture: "TorchScript program, \(Self.size(parameters))",
            assumptions: content.assumptions)
    }

    private static func size(_ parameters: Int) -> String { String(format: "%.1f M parameters", Double(parameters) / 1e6) }
}
