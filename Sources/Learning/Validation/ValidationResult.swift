import Evaluation

/// On which voxels scores were measured.
public enum EvaluationSpace: String, Sendable, Codable, CaseIterable {
    /// The grid that the network sees: reoriented, resampled, cropped (the published validation during training).
    case resampled
    /// The grid of the original file (the published `validate.sh`).
    case original
}

/// What a validation found; larger scores are better.
public struct ValidationResult: Sendable {
    /// The scores of all cases on one kind of voxel.
    public struct Table: Sendable {
        public var space: EvaluationSpace
        public var table: EvaluationTable

        public init(space: EvaluationSpace, table: EvaluationTable) {
            self.space = space
            self.table = table
        }
    }

    /// What best checkpoints, plateau schedules and early stopping go by.
    public var score: Double
    /// Every figure worth a line in a log, the score included.
    public var figures: [NamedFigure]
    /// Scores per case and organ; empty for tasks that do not segment.
    public var tables: [Table]
    /// What the reader should know before going on, in sentences.
    public var warnings: [String] = []
    /// The worst cases with what was found in them, the worst first; empty for tasks that do not segment.
    public var pictured: [PicturedCase] = []

    public init(score: Double, figures: [NamedFigure], tables: [Table] = []) {
        self.score = score
        self.figures = figures
        self.tables = tables
    }
}
