import CommandSupport
import Foundation
import MedicalImaging
import Preprocessing
import Reporting
import Segmentation
import Torch
import VolumeCommands

/// One case from file to file, in the three parts that may overlap with those of other cases: read and preprocess; segment; write, prove by
/// reading again, measure, report. Only the second needs the network.
struct CaseSegmentation: Sendable {
    let job: SegmentationJob
    /// The number of the case in the run.
    let index: Int
    let settings: CaseSettings
    let transcript: CaseTranscript

    /// A case that waits for the network.
    struct Prepared: Sendable {
        var volume: PreparedVolume
        var source: ImageSource
        var reference: Reference?
        var warnings: [String]
        var watch: Stopwatch
    }

    /// A case that waits to be written.
    struct Segmented: Sendable {
        var result: SegmentationResult
        var source: ImageSource
        var reference: Reference?
        var warnings: [String]
        var watch: Stopwatch
        var devicePeakMemory: Int?
    }

    // MARK: Before the network

    func prepare() throws -> Prepared {
        var watch = Stopwatch()
        let (index, count, name) = (index, transcript.count, job.input.name)
        if count > 1 { transcript.say(index) { $0.note("\(index + 1)/\(count)  \(name)") } }
        transcript.progress(index, "read")
        var image = try watch.measure("read") { try ImageFile.read(job.input.url, options: settings.reading) }
        let warnings = image.warnings.map { "\($0)" }
        let reference = try watch.measure("reference") { try job.reference.map { try Reference.read($0, on: image.volume.grid) } }
        describe(image)

        // The only reference to the voxels is handed over, so that they are not held twice.
        let volume = image.volume
        image.volume = Volume(grid: VoxelGrid(shape: .zero, affine: volume.grid.affine), voxels: [])
        transcript.progress(index, "preprocess")
        let prepared = try PreparedVolume(consume volume, recipe: settings.recipe, keepsInput: true)
        return Prepared(volume: prepared, source: image.source, reference: reference, warnings: warnings, watch: watch)
    }

    private func describe(_ image: LoadedImage) {
        let (name, grid, warnings) = (job.input.name, image.volume.grid, image.warnings)
        transcript.say(index) { console in
            console.note("\(name)  \(grid.sizeText), \(grid.spacingText), \(grid.orientation?.description ?? "oblique")")
            for warning in warnings { console.warning("\(warning)") }
        }
    }

    // MARK: The network

    func segment(_ prepared: consuming Prepared, by segmenter: Segmenter, on device: Device) throws -> Segmented {
        let (source, reference, warnings) = (prepared.source, prepared.reference, prepared.warnings)
        var watch = prepared.watch
        let volume = prepared.volume
        _ = consume prepared
        let result = try segmenter.segment(consume volume) { event in
            switch event {
            case .preprocessed: transcript.progress(index, "segment", 0)
            case .planned(_, let memory):
                if settings.showsMemoryPlan { transcript.say(index) { $0.note("memory plan\n\(memory.table)") } }
            case .windows(let done, _, let total): transcript.progress(index, "segment", Double(done) / Double(max(1, total)))
            }
        }
        for stage in SegmentationStage.allCases { if let seconds = result.seconds[stage] { watch.add(stage.rawValue, seconds: seconds) } }
        return Segmented(
            result: result, source: source, reference: reference, warnings: warnings, watch: watch,
            devicePeakMemory: device == .cpu ? nil : try device.memory().peak)
    }

    // MARK: After the network

    func finish(_ segmented: consuming Segmented) throws -> CaseResult {
        var watch = segmented.watch
        var found = segmented.result
        let (reference, alreadyShown) = (segmented.reference, segmented.warnings.count)
        guard let input = found.input else { throw ToolFailure(.internalError, "the segmentation did not give the volume back") }
        let summary = postprocess(&found.labels, watch: &watch)
        try write(found.labels, like: segmented.source, watch: &watch)

        transcript.progress(index, "measure")
        let measured = try watch.measure("measure") {
            try Measurement.of(found.labels, in: input, reference: reference, labelNames: settings.labelNames)
        }
        var result = CaseResult(
            input: job.input.url.path, output: job.output.path, report: job.report?.path, shape: [0, 1, 2].map { input.grid.shape[$0] },
            spacing: [0, 1, 2].map { input.grid.spacing[$0] }, orientation: input.grid.orientation?.description ?? "oblique",
            organs: measured.organs, stages: watch.stages, warnings: segmented.warnings + measured.warnings, windowsRun: found.windowsRun,
            windowsSkipped: found.windowsSkipped, plannedMemory: found.plan.peak, postprocessing: summary, meanDice: measured.meanDice)
        if let page = job.report {
            transcript.progress(index, "report")
            let report = CaseReport(result: result, network: settings.network, labels: found.labels, volume: input, reference: reference)
            try watch.measure("report") { try report.write(to: page) }
            result.stages = watch.stages
        }
        result.peakMemory = ProcessMemory.peak
        result.devicePeakMemory = segmented.devicePeakMemory
        show(result, alreadyShown: alreadyShown, watch: watch)
        return result
    }

    /// Treats the labels as the settings say.
    private func postprocess(_ labels: inout LabelMap, watch: inout Stopwatch) -> PostprocessingSummary {
        let choice = settings.postprocessing
        guard !choice.isEmpty else { return choice.applied(to: labels).summary }
        transcript.progress(index, "largest parts")
        let found = watch.measure("largest parts") { choice.applied(to: labels) }
        labels = found.labels
        return found.summary
    }

    /// Writes the labels and reads them again before they take their final name: same voxels, same place.
    private func write(_ labels: LabelMap, like source: ImageSource, watch: inout Stopwatch) throws {
        transcript.progress(index, "write")
        try AtomicOutput.write(to: job.output) { address in
            try watch.measure("write") { try ImageFile.write(labels, to: address, like: source, labelNames: settings.labelNames) }
            try watch.measure("verify") {
                let written = try ImageFile.readLabels(address).labels
                guard written.voxels == labels.voxels else {
                    throw ToolFailure(.internalError, "'\(job.output.path)' does not hold the labels that were written to it; nothing was kept")
                }
                let shift = labels.grid.greatestDistance(to: written.grid)
                guard written.grid.shape == labels.grid.shape, shift < 0.01 else {
                    throw ToolFailure(
                        .internalError, "'\(job.output.path)' lies \(shift) mm away from its input; nothing was kept: write NIfTI instead")
                }
            }
        }
    }

    private func show(_ result: CaseResult, alreadyShown: Int, watch: Stopwatch) {
        let place = "Wrote \(job.output.path)\(job.report.map { " and \($0.path)" } ?? "") in \(watch.text), \(Self.memoryText(result))"
        transcript.say(index) { console in
            for warning in result.warnings.dropFirst(alreadyShown) { console.warning(warning) }
            console.result(result.table.text)
            if result.postprocessing.source != .none { console.note("Postprocessing: \(result.postprocessing.text)") }
            if let dice = result.meanDice { console.result(String(format: "Mean Dice %.3f", dice)) }
            console.note(place)
        }
    }
}

extension CaseSegmentation {
    /// `peak memory 1.2 GB`, and that of the device.
    private static func memoryText(_ result: CaseResult) -> String {
        let device = result.devicePeakMemory.map { ", \(Machine.text(bytes: $0)) on the device" } ?? ""
        return "peak memory \(Machine.text(bytes: result.peakMemory ?? 0))\(device)"
    }
}

extension VoxelGrid {
    /// `512 × 512 × 100 voxels`.
    var sizeText: String { "\(shape.x) × \(shape.y) × \(shape.z) voxels" }

    /// `0.80 × 0.80 × 5.00 mm`.
    var spacingText: String { String(format: "%.2f × %.2f × %.2f mm", spacing.x, spacing.y, spacing.z) }
}
