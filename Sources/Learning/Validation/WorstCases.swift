import Evaluation
import Foundation
import MedicalImaging

/// A case of a validation to be looked at: the volume that the network saw, what is known of it and what was found.
public struct PicturedCase: Sendable {
    public var name: String
    /// The scores that decided.
    public var evaluation: CaseEvaluation
    /// Intensities in HU, clipped to the network's window.
    public var volume: Volume<Float>
    /// The labels on the volume's grid, as drawn.
    public var reference: LabelMap
    /// The labels on the volume's grid, as found.
    public var prediction: LabelMap

    /// What to look at: the mean Dice, and the organs that were missed altogether.
    public var note: String {
        let missed = evaluation.scores.filter { $0.referenceVoxels > 0 && $0.predictedVoxels == 0 }.map(\.name)
        let dice = evaluation.meanDice.formatted(.number.precision(.fractionLength(3)).locale(.init(identifier: "en_US_POSIX")))
        return (["mean Dice \(dice)"] + (missed.isEmpty ? [] : ["missed: \(missed.joined(separator: ", "))"])).joined(separator: ", ")
    }
}

/// Keeps the worst cases of a validation as they come.
struct WorstCases {
    private let count: Int
    private let window: [Double]
    private(set) var cases: [PicturedCase] = []

    /// - Parameter window: the HU that the network sees as 0 and 1.
    init(count: Int, window: [Double]) { (self.count, self.window) = (count, window) }

    /// Takes note of a case; one without any organ has no score and is passed over.
    mutating func consider(_ subject: ValidationCase, _ found: Validator.Finding) {
        guard let evaluation = found.evaluations.first, !evaluation.meanDice.isNaN else { return }
        let place = cases.firstIndex { $0.evaluation.meanDice > evaluation.meanDice } ?? cases.count
        guard place < count else { return }
        let (lower, range) = (Float(window[0]), Float(window[1] - window[0]))
        var volume = subject.processed.volume
        for index in volume.voxels.indices { volume.voxels[index] = lower + range * volume.voxels[index] }
        cases.insert(
            PicturedCase(
                name: subject.name, evaluation: evaluation, volume: volume, reference: subject.processedLabels, prediction: found.processed),
            at: place)
        if cases.count > count { cases.removeLast() }
    }
}
