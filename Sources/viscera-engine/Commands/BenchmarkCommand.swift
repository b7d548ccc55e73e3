import ArgumentParser
import CommandSupport
import Foundation
import MedicalImaging
import Phantoms
import Segmentation
import Torch

/// `viscera benchmark`: how fast this machine segments and trains.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Time the network, a training step and a whole case on this machine.",
        discussion: """
            Each piece of work runs once to warm up and --repeat times for the clock; the median counts, the fastest and the slowest run are shown \
            beside it. Without INPUT the whole case is a synthetic CT of 120×104×112 voxels at 3 mm, the same on every machine.

              viscera benchmark
              viscera benchmark scan.nii.gz --network base --repeat 3 --json
            """)

    @Argument(help: "A CT volume for the whole case.", completion: .file())
    var input: String?

    @Option(help: ArgumentHelp("The weights; without it the model that ships with the tool.", valueName: "file"), completion: .file())
    var model: String?

    @Option(help: "A network of this size with starting values instead of a model.")
    var network: NetworkPreset?

    @Option(help: "Where the network runs: auto, cpu, cuda, cuda:N or mps.")
    var device: DeviceChoice = .automatic

    @Option(help: "The numbers the network computes with: fp32, bf16 or fp16.")
    var precision: Precision = .fp32

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    @Option(help: "Windows per call of the network.")
    var batch = 1

    @Option(help: "The share of a window that the next one covers again, 0 to below 1.")
    var overlap = 0.25

    @Option(name: .customLong("repeat"), help: "Timed runs of each piece of work.")
    var runs = 5

    @Option(help: ArgumentHelp("What to time, of forward, training and case, separated by commas.", valueName: "parts"))
    var only = PartList.all

    @OptionGroup var messages: OutputOptions

    func validate() throws {
        if model != nil, network != nil { throw ValidationError("--model and --network exclude each other.") }
        for (name, value) in [("repeat", runs), ("batch", batch)] where value < 1 {
            throw ValidationError("--\(name) must be at least 1, not \(value).")
        }
        if !(overlap >= 0 && overlap < 1) { throw ValidationError("--overlap must be at least 0 and less than 1, not \(overlap).") }
    }

    func run() throws {
        let console = messages.console
        threads?.apply()
        let device = try device.resolve()
        let network =
            try self.network.map { try BenchmarkNetwork.preset($0, device: device, precision: precision) }
            ?? BenchmarkNetwork.model(model, device: device, precision: precision)
        if let remark = precision.remark(on: device) { console.warning(remark) }
        var result = BenchmarkResult(network: network, device: device, batch: batch)
        console.note("\(result.network), \(result.device), \(result.precision), batch of \(batch), \(result.engine)")
        if only.parts.contains(.forward) {
            console.progress("forward")
            result.timings.append(try network.timeForward(batch: batch, runs: runs))
        }
        if only.parts.contains(.training) {
            console.progress("training")
            result.timings.append(try network.timeTraining(batch: batch, runs: runs))
        }
        if only.parts.contains(.case) {
            console.progress("case")
            try timeCase(network, &result)
        }
        result.peakMemory = ProcessMemory.peak
        result.devicePeakMemory = device == .cpu ? nil : try device.memory().peak
        show(result, console)
        try console.json(result)
    }

    private func timeCase(_ network: BenchmarkNetwork, _ result: inout BenchmarkResult) throws {
        var options = SegmentationOptions()
        options.overlap = overlap
        options.batchSize = batch
        let folder = FileManager.default.temporaryDirectory.appending(path: "viscera-phantom-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var image = input.map { URL(filePath: $0) }
        if image == nil {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let phantom = folder.appending(path: "phantom.nii.gz")
            var patient = PhantomOptions()
            patient.paint.spacing = SIMD3(repeating: 3)
            patient.paint.shape = SIMD3(120, 104, 112)
            try ImageFile.write(PhantomGenerator(options: patient).patient(seed: 1).image, to: phantom)
            image = phantom
        }
        guard let image else { return }
        let (timing, windows) = try network.timeCase(image, options: options, runs: runs)
        result.caseInput = input ?? "phantom"
        result.caseWindows = windows
        result.timings.append(timing)
    }

    private func show(_ result: BenchmarkResult, _ console: Console) {
        var table = TextTable([("", .left), ("median", .right), ("fastest", .right), ("slowest", .right), ("rate", .right), ("", .left)])
        for row in result.timings {
            let times = [row.median, row.fastest, row.slowest].map { String(format: "%.3f s", $0) }
            table.append([row.name] + times + [String(format: "%.3f", row.rate), row.unit])
        }
        console.result(table.text)
        let windows = result.caseWindows.map { ", \($0) windows in the case" } ?? ""
        console.result("median of \(runs)\(windows), peak memory \(Machine.text(bytes: result.peakMemory))")
    }
}

/// The pieces of work.
struct PartList: ExpressibleByArgument, Sendable {
    enum Part: String, CaseIterable, Sendable { case forward, training, `case` }

    var parts: [Part]

    static let all = PartList(parts: Part.allCases)

    private init(parts: [Part]) { self.parts = parts }

    init?(argument: String) {
        let found = argument.split(separator: ",").map { Part(rawValue: String($0)) }
        guard !found.isEmpty, !found.contains(nil) else { return nil }
        parts = found.compactMap { $0 }
    }

    var defaultValueDescription: String { "all" }
    static var allValueStrings: [String] { Part.allCases.map(\.rawValue) }
}
