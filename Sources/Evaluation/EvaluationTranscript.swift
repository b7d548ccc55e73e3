/// The evaluation of a case in full, for another process to go on with: unlike in the files for readers, nothing is left out and NaN stays NaN.
package struct EvaluationTranscript: Codable, Sendable {
    private var name: String
    private var scores: [Score]
    private var backgroundDice: Double
    private var unknownLabels: [UInt8: Int]

    private struct Score: Codable {
        var label: UInt8
        var name: String
        /// Voxels of the reference, of the prediction, of both.
        var voxels: [Int]
        /// The volume of a voxel, Dice, distance and surface Dice.
        var numbers: [Double]
    }

    package init(_ evaluation: CaseEvaluation) {
        (name, backgroundDice, unknownLabels) = (evaluation.name, evaluation.backgroundDice, evaluation.unknownLabels)
        scores = evaluation.scores.map { score in
            Score(
                label: score.label, name: score.name, voxels: [score.referenceVoxels, score.predictedVoxels, score.sharedVoxels],
                numbers: [score.voxelVolume, score.dice, score.hausdorff95, score.surfaceDice])
        }
    }

    /// The evaluation that was written down.
    package var evaluation: CaseEvaluation {
        let scores = scores.map { score in
            OrganScore(
                label: score.label, name: score.name, referenceVoxels: score.voxels[0], predictedVoxels: score.voxels[1],
                sharedVoxels: score.voxels[2], voxelVolume: score.numbers[0], dice: score.numbers[1], hausdorff95: score.numbers[2],
                surfaceDice: score.numbers[3])
        }
        return CaseEvaluation(name: name, scores: scores, backgroundDice: backgroundDice, unknownLabels: unknownLabels)
    }
}
