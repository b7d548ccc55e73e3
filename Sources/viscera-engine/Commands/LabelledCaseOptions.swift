import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Learning
import Segmentation
import Torch

/// A model, the labelled cases of a datalist, and how they are segmented: what the commands have in common that measure a model.
struct LabelledCaseOptions: ParsableArguments {
    @Argument(help: "The model.", completion: .file())
    var model: String

    @Argument(help: "The datalist (JSON).", completion: .file(extensions: ["json"]))
    var datalist: String

    @Option(help: "The section of the datalist.")
    var section = "validation"

    @Option(help: "The share of a window that the next one covers again, 0 to below 1.")
    var overlap = 0.25

    @Option(help: "Windows per call of the network.")
    var batch = 1

    @Option(help: "Where the network runs: auto, cpu, cuda, cuda:N or mps.")
    var device: DeviceChoice = .automatic

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    @Option(help: "The numbers the network computes with: fp32, bf16 or fp16.")
    var precision = Precision.fp32

    /// The model; what its file does not say is warned of.
    /// - Throws: `LearningError.configuration` for options out of range, what reading throws.
    func package(_ options: ValidationOptions, _ console: Console) throws -> ModelPackage {
        threads?.apply()
        try options.validate()
        let package = try ModelPackage.read(ModelLocation.resolve(model))
        for assumption in package.assumptions { console.warning("the model file does not say so, assumed: \(assumption)") }
        return package
    }

    /// The network on its device, ready to segment cases.
    /// - Parameter largestComponents: the labels of which only the largest component is kept on the files' own grid.
    func validator(
        _ package: ModelPackage, _ options: ValidationOptions, largestComponents: Set<UInt8> = [], _ console: Console
    ) throws -> Validator {
        let device = try device.resolve()
        if let remark = precision.remark(on: device) { console.warning(remark) }
        let predictor = try NetworkPredictor(network: package.network, device: device, precision: precision)
        return Validator(predictor: predictor, labelNames: package.labelNames, options: options, largestComponents: largestComponents)
    }

    /// The scores of every case of the section. All cases are looked at before the first is segmented.
    /// - Parameter score: scores one case; called with the case and with what to tell of windows done and their number.
    func scores<Score>(
        of package: ModelPackage, _ console: Console, _ score: (ValidationCase, (Int, Int) -> Void) throws -> Score
    ) throws -> [Score] {
        let list = try Datalist(contentsOf: URL(filePath: datalist), section: section)
        let reader = ValidationCase.reader(package.recipe, channels: package.network.configuration.outChannels)
        let subjects = try console.reading(section, of: list.items.count) {
            try SampleCache(CacheOptions(), seed: 0).validation(SampleItem.items(of: [list]), reader, onSample: $0)
        }
        let scores = try list.items.indices.map { index in
            let subject = try subjects.sample(index)
            return try score(subject) { done, total in
                console.progress(subject.name, (Double(index) + Double(done) / Double(total)) / Double(list.items.count))
            }
        }
        console.clearProgress()
        return scores
    }
}
