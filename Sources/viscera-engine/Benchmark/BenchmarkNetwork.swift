import CommandSupport
import Foundation
import Learning
import MedicalImaging
import Models
import Preprocessing
import Segmentation
import Torch

/// What is timed: a model, or a network with starting values, which takes as long.
struct BenchmarkNetwork {
    var name: String
    var predictor: NetworkPredictor
    var recipe: PreprocessingRecipe

    static func preset(_ preset: NetworkPreset, device: Device, precision: Precision) throws -> BenchmarkNetwork {
        let network = try UNETR(preset.configuration, generator: Generator(seed: 1))
        let predictor = try NetworkPredictor(network: network, device: device, precision: precision)
        return BenchmarkNetwork(name: "UNETR \(preset.rawValue), starting values", predictor: predictor, recipe: .abdominalCT)
    }

    static func model(_ path: String?, device: Device, precision: Precision) throws -> BenchmarkNetwork {
        let file = try ModelLocation.resolve(path)
        let content = try ModelPackage.read(file)
        return BenchmarkNetwork(
            name: file.deletingPathExtension().lastPathComponent,
            predictor: try NetworkPredictor(network: content.network, device: device, precision: precision), recipe: content.recipe)
    }

    /// Forward passes of one batch of windows of noise, logits back in main memory.
    func timeForward(batch: Int, runs: Int) throws -> TimingSummary {
        let shape = predictor.windowShape
        let noise = try Tensor.randn([batch, shape.x, shape.y, shape.z], generator: Generator(seed: 2)).floats()
        return try TimingSummary.measure("network, forward", units: batch, of: "windows/s", runs: runs) {
            _ = try predictor.predict(noise, count: batch)
        }
    }

    /// Training steps of a network of the same size: forward, Dice and cross entropy, backward, AdamW.
    func timeTraining(batch: Int, runs: Int) throws -> TimingSummary {
        let configuration = predictor.network.configuration
        let network = try UNETR(configuration, generator: Generator(seed: 3))
        try network.move(to: predictor.device)
        try network.setRequiresGradient(true)
        let optimizer = Adam(network.namedParameters(), options: AdamOptions(learningRate: 1e-4, weightDecay: 1e-5))
        let image = try Tensor.randn([batch, configuration.inChannels] + configuration.imageShape, generator: Generator(seed: 4)).to(predictor.device)
        let labels = try (image.narrowed(axis: 1, start: 0, length: 1) * 2).abs().clamped(to: 0...Double(configuration.outChannels - 1))
            .reshaped(to: [batch] + configuration.imageShape).to(.int64)
        return try TimingSummary.measure("network, training step", units: batch, of: "windows/s", runs: runs) {
            let logits = try predictor.precision.computing(on: predictor.device) { try network(image) }
            let loss = try DiceCrossEntropy()(logits.to(.float32), labels: labels).total
            try loss.backward()
            try optimizer.step()
            try optimizer.clearGradients()
            _ = try loss.item()
        }
    }

    /// Whole cases from file to file, as `segment` does them without measuring and reporting.
    func timeCase(_ image: URL, options: SegmentationOptions, runs: Int) throws -> (timing: TimingSummary, windows: Int) {
        let segmenter = try Segmenter(predictor: predictor, recipe: recipe, options: options)
        let folder = FileManager.default.temporaryDirectory.appending(path: "viscera-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var windows = 0
        let timing = try TimingSummary.measure("whole case, file to file", units: 1, of: "cases/s", runs: runs) {
            let loaded = try ImageFile.read(image)
            let source = loaded.source
            let result = try segmenter.segment(loaded.volume)
            windows = result.windowsRun
            try ImageFile.write(result.labels, to: folder.appending(path: "labels.nii.gz"), like: source, labelNames: [:])
        }
        return (timing, windows)
    }
}
