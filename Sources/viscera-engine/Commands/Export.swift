import ArgumentParser
import CommandSupport
import Foundation
import Segmentation
import Weights

/// `viscera export`: a model for other programs.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export a model as TorchScript, PyTorch weights or safetensors.",
        discussion: """
            MODEL is a Viscera model or a UNETR of any MONAI generation. The ending of OUT chooses: .ts is a TorchScript program that PyTorch \
            and LibTorch run without Viscera, with its window, classes and preprocessing in the extra file viscera.json, compared with the \
            network before it is kept; .pt and .pth are a state_dict for MONAI's UNETR, weights alone, which \
            leave classes, preprocessing and postprocessing behind; .safetensors is a Viscera model.

              viscera export Models/viscera-compact.safetensors -o model.ts
              viscera export model.safetensors -o unetr.pt --monai 1.3
            """)

    @Argument(help: "The model.", completion: .file())
    var model: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write: .ts, .pt, .pth or .safetensors.", valueName: "out"), completion: .file())
    var output: String

    @Option(
        help: ArgumentHelp("The input to record a program with: X,Y,Z or batch,1,X,Y,Z; the network's window when left out.", valueName: "numbers"))
    var inputShape: NumberList?

    @Flag(help: "Do not compare the program with the network.")
    var skipVerification = false

    @Option(help: ArgumentHelp("The MONAI version whose names .pt files carry; without it the newest.", valueName: "version"))
    var monai: MONAIVersion?

    @Option(help: "The numbers to store weights with: fp32, bf16 or fp16; programs keep fp32.")
    var precision: Precision = .fp32

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = messages.console
        let destination = URL(filePath: output)
        let ending = destination.pathExtension.lowercased()
        guard ending == "ts" || WeightConversion.endings.contains(ending) else {
            throw ToolFailure(.usage, "'\(output)' has no ending of a model file; expected .ts, .pt, .pth or .safetensors")
        }
        if ending == "ts", monai != nil || precision != .fp32 {
            throw ToolFailure(.usage, "--monai and --precision are for files of weights, not for .ts")
        }
        if ending != "ts", inputShape != nil || skipVerification {
            throw ToolFailure(.usage, "--input-shape and --skip-verification are for .ts; files of weights are not recorded")
        }
        let package = try ModelPackage.read(try ModelLocation.resolve(model))
        for assumption in package.assumptions { console.warning("the model file does not say so, assumed: \(assumption)") }
        let difference = try write(package, to: destination, ending: ending, console)
        console.note("Wrote \(destination.path)")
        try console.json(ExportResult(input: model, output: destination.path, sha256: Fingerprint.sha256(of: destination), difference: difference))
    }

    /// - Returns: how much a program differs from its network.
    private func write(_ package: ModelPackage, to destination: URL, ending: String, _ console: Console) throws -> Double? {
        switch ending {
        case "ts":
            var difference: Double?
            try AtomicOutput.write(to: destination) {
                difference = try package.writeScript(to: $0, inputShape: inputShape?.numbers, tolerance: skipVerification ? nil : 1e-5)
            }
            console.note(
                difference.map { String(format: "Loaded again and compared with the network: differs by %.1e of its output", $0) }
                    ?? "Not compared with the network")
            return difference
        case "safetensors" where monai == nil:
            try AtomicOutput.write(to: destination) { try package.write(to: $0, storing: precision.storedType) }
        default:
            if let left = package.postprocessing, !left.largestComponents.isEmpty {
                let names = left.largestComponents.joined(separator: ", ")
                console.warning("a state_dict holds weights alone: the model's postprocessing (largest component of \(names)) stays behind")
            }
            let conversion = WeightConversion(generation: monai?.generation ?? .monai16plus, precision: precision)
            try conversion.write(try package.network.stateDictionary(), to: destination, console: console)
        }
        return nil
    }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument, Sendable {
    var numbers: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",").map { Int($0) }
        guard !parts.isEmpty, parts.allSatisfy({ $0.map { $0 > 0 } ?? false }) else { return nil }
        numbers = parts.compactMap { $0 }
    }
}

/// What `export --json` writes.
private struct ExportResult: Encodable {
    var input: String
    var output: String
    var sha256: String
    /// ‖program − network‖ / ‖network‖ on random input.
    var difference: Double?
}
