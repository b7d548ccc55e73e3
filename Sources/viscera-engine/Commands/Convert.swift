import ArgumentParser
import CommandSupport
import Foundation
import MedicalImaging
import Segmentation
import VolumeCommands
import Weights

/// `viscera convert`: the same volume or the same weights in another format.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Convert volumes and weight files between formats.",
        discussion: """
            Volumes: NIfTI, NRRD, MetaImage, DICOM series (input only); the ending of OUTPUT chooses, .nhdr and .mhd being headers with the \
            voxels in a file beside them. Weights: .safetensors, .pt and .pth; \
            pickles are read without being executed.

              viscera convert study/dicom scan.nii.gz
              viscera convert unetr.pth unetr.safetensors --precision fp16
            """)

    @Argument(help: "A volume, a DICOM folder, or a weight file.", completion: .file())
    var input: String

    @Argument(help: "The file to write.", completion: .file())
    var output: String

    @Option(help: "The numbers to store weights with: fp32, bf16 or fp16; without it those of the input.")
    var precision: Precision?

    @Option(help: ArgumentHelp("Write weights with the tensor names of a MONAI version, such as 0.8.1, 1.3 or 1.6.", valueName: "version"))
    var monai: MONAIVersion?

    @Option(help: ArgumentHelp("The DICOM series to read: its UID or the end of it.", valueName: "series"))
    var series: String?

    @Flag(help: UnevenSlices.help)
    var resampleUneven = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let (source, destination) = (URL(filePath: input), URL(filePath: output))
        let isWeights = try FileKind.of(source) == .weights
        if isWeights { try convertWeights(source, destination, console) } else { try convertVolume(source, destination, console) }
        console.note("Wrote \(destination.path)")
        try console.json(ConvertResult(input: source.path, output: destination.path, sha256: try Fingerprint.sha256(of: destination)))
    }

    private func convertVolume(_ source: URL, _ destination: URL, _ console: Console) throws {
        guard VolumeFormat.parse(destination.lastPathComponent)?.format.isWritten ?? false else {
            throw ToolFailure(
                .usage, "'\(destination.path)' has no ending of a volume format that is written; expected one of \(VolumeFormat.writtenListed)")
        }
        if precision != nil || monai != nil { throw ToolFailure(.usage, "--precision and --monai are for weight files; volumes keep their values") }
        let options = ReadOptions(series: series, checksIntensities: false, resamplesUnevenSlices: resampleUneven)
        let image = try ImageFile.read(source, options: options)
        for warning in image.warnings { console.warning(warning.message) }
        try AtomicOutput.write(to: destination) { try ImageFile.write(image.volume, to: $0, like: image.source) }
    }

    private func convertWeights(_ source: URL, _ destination: URL, _ console: Console) throws {
        try WeightConversion.requireEnding(of: destination)
        let state = try WeightFile.read(source).state
        try WeightConversion(generation: monai?.generation, precision: precision).write(state, to: destination, console: console)
    }
}

/// A version of MONAI, told by its number or by the name of its generation.
struct MONAIVersion: ExpressibleByArgument, Sendable {
    var generation: MONAIGeneration

    init?(argument: String) {
        guard let found = MONAIGeneration(rawValue: argument) ?? MONAIGeneration(version: argument) else { return nil }
        generation = found
    }
}

extension Precision {
    /// The type of stored weights.
    var storedType: ScalarType {
        switch self {
        case .fp32: .float32
        case .bf16: .bfloat16
        case .fp16: .float16
        }
    }
}

/// What `convert --json` writes.
private struct ConvertResult: Encodable {
    var input: String
    var output: String
    var sha256: String
}
