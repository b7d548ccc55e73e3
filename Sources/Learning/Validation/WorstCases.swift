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
    private struct Candidate {
        var index: Int
        var dice: Double
        var subject: ValidationCase
        var prediction: LabelMap
    }

    private let count: Int
    private let window: [Double]
    private var candidates: [Candidate] = []

    /// - Parameter window: the HU that the network sees as 0 and 1.
    init(count: Int, window: [Double]) { (self.count, self.window) = (count, window) }

    /// Takes note of a case; one without any organ has no score and is passed over.
    /// - Parameter index: its place among all cases; of two with one score, the first counts as worse.
    mutating func consider(_ index: Int, _ subject: ValidationCase, _ found: Validator.Finding) {
        guard let dice = found.evaluations.first?.meanDice, !dice.isNaN else { return }
        let place = candidates.firstIndex { ($0.dice, $0.index) > (dice, index) } ?? candidates.count
        guard place < count else { return }
        candidates.insert(Candidate(index: index, dice: dice, subject: subject, prediction: found.processed), at: place)
        if candidates.count > count { candidates.removeLast() }
    }

    /// The worst of all cases, in the first process; none in the others, which hand over what they found.
    /// - Parameters:
    ///   - evaluations: the scores of all cases that decide.
    ///   - read: reads a case again, which another process has segmented.
    func pictured(
        _ evaluations: [CaseEvaluation], among shares: WorkShares, read: (Int) throws -> ValidationCase
    ) throws -> [PicturedCase] {
        let scored = evaluations.indices.filter { !evaluations[$0].meanDice.isNaN }
        let worst = scored.sorted { (evaluations[$0].meanDice, $0) < (evaluations[$1].meanDice, $1) }.prefix(count)
        var pictured: [PicturedCase] = []
        for index in worst {
            let own = candidates.first { $0.index == index }
            let voxels = try shares.handedToFirst(own?.prediction.voxels ?? [], part: index)
            let found = try shares.together {
                shares.isFirst ? try picture(evaluations[index], subject: own?.subject ?? read(index), prediction: voxels) : nil
            }
            if let found { pictured.append(found) }
        }
        return pictured
    }

    private func picture(_ evaluation: CaseEvaluation, subject: ValidationCase, prediction: [UInt8]) -> PicturedCase {
        let (lower, range) = (Float(window[0]), Float(window[1] - window[0]))
        var volume = subject.processed.volume
        for index in volume.voxels.indices { volume.voxels[index] = lower + range * volume.voxels[index] }
        return PicturedCase(
            name: subject.name, evaluation: evaluation, volume: volume, reference: subject.processedLabels,
            prediction: LabelMap(grid: volume.grid, voxels: prediction))
    }
}
