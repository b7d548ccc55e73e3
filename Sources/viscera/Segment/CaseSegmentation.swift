import Foundation
import MedicalImaging
import Reporting
import Segmentation
import Torch

/// One case from file to file: read, segment, write, prove by reading again, measure, report.
struct CaseSegmentation {
    let job: SegmentationJob
    let network: NetworkSource
    let options: Segment

    func run(_ console: Console) throws -> CaseResult {
        var watch = Stopwatch()
        console.progress("read")
        var readOptions = ReadOptions()
        readOptions.series = options.reporting.series
        readOptions.resamplesUnevenSlices = options.reporting.resampleUneven
        var image = try watch.measure("read") { try ImageFile.read(job.input.url, options: readOptions) }
        var warnings = image.warnings.map { "\($0)" }
        let reference = try watch.measure("reference") { try job.reference.map { try Reference.read($0, on: image.volume.grid) } }
        describe(image, console)

        // The only reference to the voxels is handed over, so that they are not held twice.
        let volume = image.volume
        image.volume = Volume(grid: VoxelGrid(shape: .zero, affine: volume.grid.affine), voxels: [])
        let found = try segment(consume volume, watch: &watch, console: console)
        guard let input = found.input else { throw ToolFailure(.internalError, "the segmentation did not give the volume back") }
        try write(found.labels, like: image.source, watch: &watch, console: console)

        console.progress("measure")
        let measured = try watch.measure("measure") {
            try Measurement.of(found.labels, in: input, reference: reference, labelNames: network.labelNames)
        }
        warnings += measured.warnings
        var result = CaseResult(
            input: job.input.url.path, output: job.output.path, report: job.report?.path, shape: [0, 1, 2].map { input.grid.shape[$0] },
            spacing: [0, 1, 2].map { input.grid.spacing[$0] }, orientation: input.grid.orientation?.description ?? "oblique",
            organs: measured.organs, stages: watch.stages, warnings: warnings, windowsRun: found.windowsRun, windowsSkipped: found.windowsSkipped,
            plannedMemory: found.plan.peak, meanDice: measured.meanDice)
        if let page = job.report {
            console.progress("report")
            let report = CaseReport(result: result, network: network, labels: found.labels, volume: input, reference: reference)
            try watch.measure("report") { try report.write(to: page) }
            result.stages = watch.stages
        }
        result.peakMemory = ProcessMemory.peak
        result.devicePeakMemory = network.device == .cpu ? nil : try network.device.memory().peak
        show(result, alreadyShown: image.warnings.count, watch: watch, console: console)
        return result
    }

    private func segment(_ volume: consuming Volume<Float>, watch: inout Stopwatch, console: Console) throws -> SegmentationResult {
        let segmenter = try Segmenter(predictor: network.predictor, recipe: network.recipe, options: network.complete(options.prediction.library))
        console.progress("preprocess")
        var result = try segmenter.segment(volume) { event in
            switch event {
            case .preprocessed: console.progress("segment", 0)
            case .planned(_, let memory):
                if options.prediction.maxMemory != nil { console.note("memory plan\n\(memory.table)") }
            case .windows(let done, _, let total): console.progress("segment", Double(done) / Double(max(1, total)))
            }
        }
        for stage in SegmentationStage.allCases { if let seconds = result.seconds[stage] { watch.add(stage.rawValue, seconds: seconds) } }
        if options.prediction.largestComponent {
            console.progress("largest parts")
            result.labels = watch.measure("largest parts") { result.labels.keepingLargestComponents().labels }
        }
        return result
    }

    /// Writes the labels and reads them again before they take their final name: same voxels, same place.
    private func write(_ labels: LabelMap, like source: ImageSource, watch: inout Stopwatch, console: Console) throws {
        console.progress("write")
        try AtomicOutput.write(to: job.output) { address in
            try watch.measure("write") { try ImageFile.write(labels, to: address, like: source, labelNames: network.labelNames) }
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

    private func describe(_ image: LoadedImage, _ console: Console) {
        let grid = image.volume.grid
        console.note("\(job.input.name)  \(grid.sizeText), \(grid.spacingText), \(grid.orientation?.description ?? "oblique")")
        for warning in image.warnings { console.warning("\(warning)") }
    }

    private func show(_ result: CaseResult, alreadyShown: Int, watch: Stopwatch, console: Console) {
        for warning in result.warnings.dropFirst(alreadyShown) { console.warning(warning) }
        console.result(result.table.text)
        if let dice = result.meanDice { console.result(String(format: "Mean Dice %.3f", dice)) }
        console.note("Wrote \(job.output.path)\(job.report.map { " and \($0.path)" } ?? "") in \(watch.text), \(Self.memoryText(result))")
    }
}

extension CaseSegmentation {
    /// `peak memory 1.2 GB`, and that of the device.
    private static func memoryText(_ result: CaseResult) -> String {
        let device = result.devicePeakMemory.map { ", \(Host.text(bytes: $0)) on the device" } ?? ""
        return "peak memory \(Host.text(bytes: result.peakMemory ?? 0))\(device)"
    }
}

extension VoxelGrid {
    /// `512 × 512 × 100 voxels`.
    var sizeText: String { "\(shape.x) × \(shape.y) × \(shape.z) voxels" }

    /// `0.80 × 0.80 × 5.00 mm`.
    var spacingText: String { String(format: "%.2f × %.2f × %.2f mm", spacing.x, spacing.y, spacing.z) }
}
