import ArgumentParser
import CommandSupport
import Foundation
import Segmentation
import Torch

/// `viscera segment`: label maps, organ measurements and reports from CT volumes.
struct Segment: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Segment the abdominal organs of CT volumes.",
        discussion: """
            INPUT is a volume file (NIfTI, NRRD, MetaImage), a folder of such files, or a folder that holds a DICOM series. One input is \
            written to the file OUT (its ending chooses the format) or into the folder OUT; several are written into the folder OUT under their own names.

              viscera segment scan.nii.gz -o labels.nii.gz --report report
              viscera segment study/dicom -o labels.nrrd
              viscera segment scans/ -o labels/ --report report --reference truth/

            Research use only: not a medical device, not for diagnosis or treatment.
            """)

    @Argument(help: "Volumes, folders of volumes, or DICOM folders.", completion: .file())
    var input: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the label maps go: a file for one input, a folder for many.", valueName: "out"))
    var output: String

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Prediction") var prediction: PredictionOptions
    @OptionGroup(title: "Report") var reporting: ReportingOptions
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let cases = try InputCase.find(input)
        let jobs = try SegmentationJob.plan(cases, output: output, reporting: reporting)
        model.threads?.apply()
        ProcessMemory.limitTensors(to: prediction.maxMemory?.bytes)
        let network = try NetworkSource.load(model, prediction: prediction, console: console)
        let segmenter = try Segmenter(predictor: network.predictor, recipe: network.recipe, options: network.complete(prediction.library))
        let pipeline = CasePipeline(
            jobs: jobs, settings: CaseSettings(self, network: network), segmenter: segmenter, device: network.device, console: console)
        let runs = pipeline.run()
        try console.json(SegmentResult(model: network.summary, cases: runs))
        try CaseOutcome.endIfAnyFailed(runs)
    }
}

/// The options that choose and place the network.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The weights; without it the model that ships with the tool, or the one VISCERA_MODEL names.",
            discussion: """
                A Viscera model, a UNETR of any MONAI generation, or a TorchScript program (.ts). A program's code is executed: it is limited to \
                TorchScript's operations, which may read and write files but cannot call Python. Use programs you trust.
                """,
            valueName: "file"),
        completion: .file())
    var model: String?

    @Option(help: "Where the network runs: auto, cpu, cuda, cuda:N or mps.")
    var device: DeviceChoice = .automatic

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    @Option(help: "The numbers the network computes with: fp32, bf16 or fp16.")
    var precision: Precision = .fp32

    @OptionGroup var recipe: RecipeOptions
}

/// The options of the sliding window and of what becomes of its labels.
struct PredictionOptions: ParsableArguments {
    @Option(help: "The share of a window that the next one covers again, 0 to below 1.")
    var overlap: Double?

    @Option(help: "How overlapping windows are weighted: constant or gaussian.")
    var blend: Blending = .gaussian

    @Option(help: "Windows per call of the network.")
    var batch: Int = 1

    @Option(
        help: ArgumentHelp(
            "The window in voxels, one number or three (X,Y,Z), for programs that do not state it; other networks accept only their own.",
            valueName: "voxels"))
    var roi: WindowSize?

    @Option(help: ArgumentHelp("The organs to keep, by name or label: liver,spleen,right-kidney", valueName: "list"))
    var organs: OrganList?

    @Flag(help: "Keep only the largest connected part of every organ, whatever the model states.")
    var largestComponent = false

    @Flag(help: "Leave the labels as the network finds them; without it they are treated as the model states.")
    var noPostprocessing = false

    @Option(
        help: ArgumentHelp(
            "Average over mirror images along these axes: left-right, posterior-anterior, inferior-superior, or all.", valueName: "axes"))
    var flips: FlipList?

    @Option(help: ArgumentHelp("The memory that may be used, such as 3GB; refused before the start when it cannot be kept.", valueName: "size"))
    var maxMemory: ByteCount?

    func validate() throws {
        if let overlap, !(overlap >= 0 && overlap < 1) { throw ValidationError("--overlap must be at least 0 and less than 1, not \(overlap).") }
        if largestComponent, noPostprocessing {
            throw ValidationError("--largest-component and --no-postprocessing contradict each other; give one of them.")
        }
        if batch < 1 { throw ValidationError("--batch must be at least 1, not \(batch).") }
    }

    /// The options as the library takes them.
    var library: SegmentationOptions {
        var options = SegmentationOptions()
        if let overlap { options.overlap = overlap }
        options.blending = blend
        options.batchSize = batch
        options.flips = flips?.axes ?? []
        options.classes = organs?.labels
        options.maximumMemory = maxMemory?.bytes
        options.keepsInput = true
        return options
    }
}

/// The options of reports and references.
struct ReportingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write an HTML page per case into this folder.", valueName: "dir"), completion: .directory)
    var report: String?

    @Option(
        help: ArgumentHelp("A label map to compare with, or a folder of label maps with the names of the inputs.", valueName: "labels"),
        completion: .file())
    var reference: String?

    @Option(help: ArgumentHelp("The DICOM series to read when a folder holds several: its UID or its number.", valueName: "series"))
    var series: String?

    @Flag(help: UnevenSlices.help)
    var resampleUneven = false
}
