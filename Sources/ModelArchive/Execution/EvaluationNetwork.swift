import Foundation
import Preprocessing
import Segmentation
import Torch
import Weights

/// The network of an evaluation: a checkpoint, or a TorchScript program.
struct EvaluationNetwork {
    let predictor: any WindowPredictor
    /// The preprocessing that the file states; `nil` when it states none.
    let recipe: PreprocessingRecipe?
    /// The names of the labels, background left out.
    let labelNames: [UInt8: String]
    /// What the file says is done to its label maps; an archive's configuration decides instead.
    let postprocessing: Postprocessing?
    /// What the file did not say and was assumed, in sentences.
    let assumptions: [String]

    /// - Parameter window: the window that the configuration slides; programs take any.
    /// - Throws: `WeightError` for a file that is neither, `TorchError` when LibTorch refuses a program.
    init(_ file: URL, window: [Int], device: Device, precision: Precision) throws {
        guard try WeightFile.kind(of: file) == .torchScript else {
            let package = try ModelPackage.read(file)
            predictor = try NetworkPredictor(network: package.network, device: device, precision: precision)
            (recipe, labelNames, assumptions) = (package.recipe, package.labelNames, package.assumptions)
            postprocessing = package.postprocessing
            return
        }
        var package = try ScriptPackage.read(file, device: device)
        let shape = SIMD3(window[0], window[1], window[2])
        let program = try ScriptPredictor(script: package.script, windowShape: shape, device: device, precision: precision)
        predictor = program
        let names = try package.classNames(channels: program.channelCount)
        labelNames = Dictionary(uniqueKeysWithValues: names.enumerated().dropFirst().map { (UInt8($0.offset), $0.element) })
        (recipe, assumptions) = (package.metadata.recipe, package.assumptions)
        postprocessing = package.metadata.postprocessing
    }
}
