import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Learning
import Segmentation
import Torch

/// `viscera validate`: how well a model segments the labelled cases of a datalist.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a model on the labelled cases of a datalist.",
        discussion: """
            Segments every case of a section and prints its Dice twice from one pass of the network: on the resampled grid that the network sees \
            (as published figures of training do) and on the files' own grid (as users see it). Organs that a case lacks are left out; means are \
            given over organs and, apart, over all classes with the background. Intervals are 95 % bootstrap intervals over cases.

            In OUT: validation.json, and per grid cases-….csv (one line per case and organ) and organs-….csv.
            """)

    @Argument(help: "The model.", completion: .file())
    var model: String

    @Argument(help: "The datalist (JSON).", completion: .file(extensions: ["json"]))
    var datalist: String

    @Option(help: "The section of the datalist.")
    var section = "validation"

    @Option(name: [.short, .customLong("out")], help: "The folder for the tables.", completion: .directory)
    var output: String?

    @Option(help: "The share of a window that the next one covers again, 0 to below 1.")
    var overlap = 0.25

    @Option(help: "How overlapping windows are weighted: constant (as published), gaussian or gaussianLegacy.")
    var blend = Blending.constant

    @Option(help: "Windows per call of the network.")
    var batch = 1

    @Option(help: "Where the network runs: auto, cpu, cuda, cuda:N or mps.")
    var device: DeviceChoice = .automatic

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    @Option(help: "The numbers the network computes with: fp32, bf16 or fp16.")
    var precision = Precision.fp32

    @Flag(help: "Also print the running-mean Dice of the published fine-tuning script, in which early cases count more.")
    var compat = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        threads?.apply()
        var options = ValidationOptions()
        (options.overlap, options.blending, options.windowBatch) = (overlap, blend, batch)
        options.spaces = EvaluationSpace.allCases
        try options.validate()
        let package = try ModelPackage.read(ModelLocation.resolve(model))
        for assumption in package.assumptions { console.warning("the model file does not say so, assumed: \(assumption)") }
        let device = try device.resolve()
        if let remark = precision.remark(on: device) { console.warning(remark) }
        let predictor = try NetworkPredictor(network: package.network, device: device, precision: precision)
        let validator = Validator(predictor: predictor, labelNames: package.labelNames, options: options)
        let list = try Datalist(contentsOf: URL(filePath: datalist), section: section)
        // All cases are looked at before the first is segmented.
        let reader = ValidationCase.reader(package.recipe, channels: package.network.configuration.outChannels)
        let subjects = try console.reading(section, of: list.items.count) {
            try SampleCache(CacheOptions(), seed: 0).validation(SampleItem.items(of: [list]), reader, onSample: $0)
        }
        let cases = try list.items.indices.map { index in
            let subject = try subjects.sample(index)
            return try validator.evaluate(subject) { done, total in
                console.progress(subject.name, (Double(index) + Double(done) / Double(total)) / Double(list.items.count))
            }
        }
        console.clearProgress()
        let tables = options.spaces.enumerated().map { index, space in
            ValidationResult.Table(space: space, table: EvaluationTable(cases: cases.map { $0[index] }))
        }
        let report = ValidationReport(
            result: ValidationResult(tables, organCount: package.labelNames.count), options: options,
            model: URL(filePath: model).lastPathComponent, datalist: URL(filePath: datalist).lastPathComponent, section: section, compat: compat)
        console.result(report.text)
        if let output { try report.write(to: URL(filePath: output, directoryHint: .isDirectory)) }
        try console.json(report)
    }
}
