import CommandSupport
import Evaluation
import Foundation
import MedicalImaging
import Preprocessing
import Reporting

/// The label map that a segmentation is compared with.
struct Reference: Sendable {
    var labels: LabelMap

    /// Reads a reference that must lie on `grid`; the order in which it is stored does not matter.
    static func read(_ url: URL, on grid: VoxelGrid) throws -> Reference {
        let labels = try ImageFile.readLabels(url).labels.reordered(like: grid)
        guard labels.grid.shape == grid.shape else {
            throw ToolFailure(
                .badData,
                "the reference '\(url.path)' has \(labels.grid.sizeText), the input \(grid.sizeText); resample it onto the input's grid first")
        }
        guard grid.coincides(with: labels.grid) else {
            let shift = grid.greatestDistance(to: labels.grid)
            throw ToolFailure(
                .badData,
                "the reference '\(url.path)' lies up to \(String(format: "%.2f", shift)) mm away from the input; resample it onto the input's grid first"
            )
        }
        return Reference(labels: labels)
    }
}

/// What the organs of one case measure.
struct Measurement: Sendable {
    var organs: [StructureSummary]
    /// The mean over the organs that the reference holds.
    var meanDice: Double?
    /// What contradicts anatomy or limits the measurements.
    var warnings: [String]

    /// The surface Dice's tolerance in mm.
    static let surfaceTolerance = 2.0

    /// Measures every label that the network knows and, given a reference, scores it.
    static func of(_ labels: LabelMap, in volume: Volume<Float>, reference: Reference?, labelNames: [UInt8: String]) throws -> Measurement {
        let statistics = try LabelStatistics.measure(labels, image: volume)
        let byLabel = Dictionary(uniqueKeysWithValues: statistics.map { ($0.label, $0) })
        var scores: [UInt8: OrganScore] = [:]
        var evaluation: CaseEvaluation?
        if let reference {
            let settings = EvaluationSettings(labels: labelNames, surfaceTolerance: surfaceTolerance)
            var known = reference.labels
            known.grid = labels.grid
            let compared = try CaseEvaluation(name: "", prediction: labels, reference: known, settings: settings)
            scores = Dictionary(uniqueKeysWithValues: compared.scores.map { ($0.label, $0) })
            evaluation = compared
        }
        let organs = labelNames.sorted { $0.key < $1.key }.map { label, name in
            let found = byLabel[label]
            return StructureSummary(
                label: label, name: name, volume: found?.volume ?? 0, meanIntensity: found?.meanIntensity,
                intensityDeviation: found?.intensityDeviation,
                isTruncated: found?.isTruncated ?? false, score: scores[label].map(StructureScore.init))
        }
        var warnings = labelNames == EvaluationSettings.organs ? AnatomyWarning.warnings(for: statistics).map { "\($0)" } : []
        if organs.allSatisfy({ $0.volume == 0 }) { warnings.append("no organ was found: is this a CT of the abdomen, in HU?") }
        return Measurement(organs: organs, meanDice: evaluation.map(\.meanDice).flatMap { $0.isFinite ? $0 : nil }, warnings: warnings)
    }
}

extension StructureScore {
    /// The scores that are defined.
    init(_ score: OrganScore) {
        func defined(_ value: Double) -> Double? { value.isFinite ? value : nil }
        self.init(
            referenceVolume: score.referenceVolume, dice: defined(score.dice), hausdorff95: defined(score.hausdorff95),
            surfaceDice: defined(score.surfaceDice))
    }
}
