import ArgumentParser
import CommandSupport
import Evaluation
import Foundation
import Learning
import Segmentation

/// `viscera validate`: how well a model segments the labelled cases of a datalist.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a model on the labelled cases of a datalist.",
        discussion: """
            Segments every case of a section and prints its Dice twice from one pass of the network: on the resampled grid that the network sees \
            (as published figures of training do), as the network leaves it, and on the files' own grid (as users see it), after the model's own \
            postprocessing where it states one. Organs that a case lacks are left out; means are \
            given over organs and, apart, over all classes with the background. Intervals are 95 % bootstrap intervals over cases.

            In OUT: validation.json, and per grid cases-….csv (one line per case and organ) and organs-….csv.
            """)

    @OptionGroup var cases: LabelledCaseOptions

    @Option(name: [.short, .customLong("out")], help: "The folder for the tables.", completion: .directory)
    var output: String?

    @Option(help: "How overlapping windows are weighted: constant (as published), gaussian or gaussianLegacy.")
    var blend = Blending.constant

    @Flag(help: "Score the files' own grid, too, as the network leaves it; without it the model's own postprocessing comes first there.")
    var noPostprocessing = false

    @Flag(help: "Also print the running-mean Dice of the published fine-tuning script, in which early cases count more.")
    var compat = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        var options = ValidationOptions()
        (options.overlap, options.blending, options.windowBatch) = (cases.overlap, blend, cases.batch)
        options.spaces = EvaluationSpace.allCases
        let package = try cases.package(options, console)
        let postprocessing = noPostprocessing ? nil : package.postprocessing
        let validator = try cases.validator(package, options, largestComponents: postprocessing?.labels(in: package.labelNames) ?? [], console)
        let scores = try cases.scores(of: package, console) { try validator.evaluate($0, onWindow: $1) }
        let tables = options.spaces.enumerated().map { index, space in
            ValidationResult.Table(space: space, table: EvaluationTable(cases: scores.map { $0[index] }))
        }
        let report = ValidationReport(
            result: ValidationResult(tables, organCount: package.labelNames.count), options: options, postprocessing: postprocessing,
            model: URL(filePath: cases.model).lastPathComponent, datalist: URL(filePath: cases.datalist).lastPathComponent,
            section: cases.section, compat: compat)
        console.result(report.text)
        if let output { try report.write(to: URL(filePath: output, directoryHint: .isDirectory)) }
        try console.json(report)
    }
}
