import Datasets
import Evaluation
import Foundation
import MedicalImaging
import Preprocessing
import Segmentation
import Torch

/// What an evaluation tells its listeners.
public enum ArchiveEvaluationEvent: Sendable {
    /// A case begins: its image and its position among all.
    case started(image: String, position: Int, count: Int)
    /// A case is done: the values of its metrics by name, and the label map that was written.
    case finished(image: String, values: [String: Double], output: URL?)
}

/// A validation or an inference of an archive: every case of the list is segmented, scored and written as the plan says.
public struct ArchiveEvaluation {
    private let plan: EvaluationPlan
    private let cases: Datalist
    private let segmenter: Segmenter
    private let labelNames: [UInt8: String]
    private let channelCount: Int
    /// What was decided on the way, in sentences.
    public let notes: [String]

    /// Loads the network and the list.
    /// - Parameter device: where the network runs; half precision is used on CUDA only.
    /// - Throws: `DatasetError` for the list, `WeightError` for the weights, `ArchiveError.configuration` when the two do not fit the plan.
    public init(_ plan: EvaluationPlan, device: Device = .cpu) throws {
        self.plan = plan
        cases = try plan.data.datalist()
        if !plan.metrics.isEmpty, let unlabelled = cases.items.first(where: { $0.label == nil }) {
            throw ArchiveError.configuration(
                file: plan.data.list.path, keyPath: plan.data.section, reason: "\(unlabelled.image) has no label; a validation compares with one")
        }
        try Self.refuseSharedNames(cases, plan)
        guard FileManager.default.fileExists(atPath: plan.weights.file.path) else {
            let advice =
                if case .torchScript = plan.weights { "export the checkpoint with commands/export.sh, or use commands/validate_ckpt.sh" } else {
                    "train with commands/train.sh, or import weights with 'viscera archive import'"
                }
            throw ArchiveError.configuration(file: plan.weights.file.path, keyPath: "model", reason: "there is no such file; \(advice)")
        }
        let precision: Precision = plan.usesReducedPrecision && device.kind == .cuda ? .fp16 : .fp32
        let network = try EvaluationNetwork(plan.weights.file, window: plan.window.shape, device: device, precision: precision)
        let predictor = network.predictor
        let window = predictor.windowShape
        guard plan.window.shape == [window.x, window.y, window.z] else {
            throw ArchiveError.configuration(
                file: plan.weights.file.path, keyPath: "inferer.args.roi_size",
                reason: "expected the network's window [\(window.x), \(window.y), \(window.z)], found \(plan.window.shape)")
        }
        var options = SegmentationOptions()
        options.overlap = plan.window.overlap
        options.blending = plan.window.blending
        options.batchSize = plan.window.batchSize
        // MONAI predicts every window.
        options.skipsBackgroundWindows = false
        // Without Invertd the volume is brought to the network's grid beforehand and stays there.
        let recipe = plan.returnsToOriginalGrid ? plan.pipeline.recipe : PreprocessingRecipe()
        segmenter = try Segmenter(predictor: predictor, recipe: recipe, options: options)
        labelNames = network.labelNames
        channelCount = predictor.channelCount
        notes = plan.notes + network.assumptions + Self.notes(plan, network, precision: precision, device: device)
    }

    /// Where configuration, weights and device differ.
    private static func notes(_ plan: EvaluationPlan, _ network: EvaluationNetwork, precision: Precision, device: Device) -> [String] {
        var notes: [String] = []
        if let recipe = network.recipe, recipe != plan.pipeline.recipe {
            notes.append("the configuration's preprocessing is used; the weights were trained with another: \(recipe)")
        }
        if let stated = network.postprocessing, !stated.largestComponents.isEmpty {
            let own = plan.keepsLargestComponents ? "the largest part of every organ is kept" : "every part of an organ is kept"
            let names = stated.largestComponents.joined(separator: ", ")
            notes.append("the configuration's postprocessing is used: \(own); the weights state another, the largest part of \(names)")
        }
        if plan.usesReducedPrecision, precision == .fp32 { notes.append("amp has no effect on \(device): single precision is used") }
        return notes
    }

    /// Two images of one name would be written to one place.
    private static func refuseSharedNames(_ cases: Datalist, _ plan: EvaluationPlan) throws(ArchiveError) {
        guard plan.outputFolder != nil else { return }
        var seen: Set<String> = []
        for item in cases.items where !seen.insert(stem(item, cases)).inserted {
            throw .configuration(
                file: plan.data.list.path, keyPath: plan.data.section,
                reason: "two images are called '\(stem(item, cases))', and their label maps would be one file; rename one, or leave SaveImaged out")
        }
    }

    private static func stem(_ item: DatalistItem, _ cases: Datalist) -> String { ImageFile.stem(of: cases.url(item.image).lastPathComponent) }

    /// Runs case after case and writes label maps and metric files.
    /// - Returns: the metrics over all cases.
    public func run(onEvent: (ArchiveEvaluationEvent) -> Void = { _ in }) throws -> MetricFiles {
        var files = MetricFiles()
        var values: [String: [[Double]]] = [:]
        for (position, item) in cases.items.enumerated() {
            onEvent(.started(image: item.image, position: position, count: cases.items.count))
            let (scores, output) = try evaluate(item)
            for (name, row) in scores { values[name, default: []].append(row) }
            files.images.append(cases.url(item.image).path)
            onEvent(.finished(image: item.image, values: scores.mapValues(MetricFiles.mean), output: output))
        }
        for metric in plan.metrics {
            let rows = values[metric.label] ?? []
            // MONAI: the mean over the classes of a case, then the mean over the cases.
            if plan.savedMetrics.contains(metric.label) { files.metrics.append((metric.label, MetricFiles.mean(rows.map(MetricFiles.mean)))) }
            if plan.detailedMetrics.contains(metric.label) { files.details.append((metric.label, rows)) }
        }
        if let folder = plan.metricsFolder { try files.write(to: folder) }
        return files
    }

    private func evaluate(_ item: DatalistItem) throws -> (scores: [String: [Double]], output: URL?) {
        let image = try ImageFile.read(cases.url(item.image))
        var volume = image.volume
        var reference = try item.label.map { try ImageFile.readLabels(cases.url($0)).labels }
        if !plan.returnsToOriginalGrid {
            if let labels = reference {
                let processed = try plan.pipeline.recipe.apply(to: volume, labels: labels)
                (volume, reference) = (processed.0.volume, processed.1)
            } else {
                volume = try plan.pipeline.recipe.apply(to: volume).volume
            }
        }
        var labels = try segmenter.segment(volume).labels
        if plan.keepsLargestComponents { labels = labels.keepingLargestComponents().labels }
        var scores: [String: [Double]] = [:]
        if let reference {
            for metric in plan.metrics { scores[metric.label] = try self.scores(metric, labels, reference, name: item.image) }
        }
        return (scores, try plan.outputFolder.map { try write(labels, like: image.source, item: item, to: $0) })
    }

    /// The values of one metric in one case: one per class for Dice.
    private func scores(_ metric: MetricPlan, _ labels: LabelMap, _ reference: LabelMap, name: String) throws -> [Double] {
        switch metric.kind {
        case .meanDice:
            let names = Dictionary(uniqueKeysWithValues: (1..<channelCount).map { (UInt8($0), "class \($0)") })
            let settings = EvaluationSettings(labels: names, measuresSurfaces: false)
            let evaluation = try CaseEvaluation(name: name, prediction: labels, reference: reference, settings: settings)
            return (metric.includesBackground ? [evaluation.backgroundDice] : []) + evaluation.scores.map(\.dice)
        case .accuracy:
            guard reference.grid.shape == labels.grid.shape else {
                throw ArchiveError.configuration(
                    file: plan.data.list.path, keyPath: plan.data.section,
                    reason: "the label map of \(name) has \(reference.grid.shape) voxels, its image \(labels.grid.shape): expected one grid")
            }
            let hits = zip(labels.voxels, reference.voxels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
            return [Double(hits) / Double(max(1, labels.voxels.count))]
        case .meanAbsoluteError:
            throw ArchiveError.configuration(
                file: plan.data.list.path, keyPath: "key_metric", reason: "MeanAbsoluteError scores reconstructions; expected MeanDice or Accuracy")
        }
    }

    /// Writes `<folder>/<stem>/<stem>_seg.nii.gz`, as MONAI's `SaveImaged` names files.
    private func write(_ labels: LabelMap, like source: ImageSource, item: DatalistItem, to folder: URL) throws -> URL {
        let stem = Self.stem(item, cases)
        let parent = folder.appending(path: stem)
        do { try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true) } catch {
            throw ArchiveError.unwritable(path: parent.path, reason: error.localizedDescription)
        }
        let url = parent.appending(path: "\(stem)_\(plan.outputPostfix).nii.gz")
        try ImageFile.write(labels, to: url, like: source, labelNames: labelNames)
        return url
    }
}
