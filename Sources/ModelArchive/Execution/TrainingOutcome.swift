import Foundation
import Learning
import Weights

/// What a training left behind in an archive.
public struct TrainingOutcome: Encodable, Sendable {
    /// The weights and statistics written.
    public var files: [URL] = []
    /// The greatest score of a validation, and the step and epoch that reached it; `nil` without validation.
    public var bestValidationMetric: Double?
    public var bestValidationStep: Int?
    public var bestValidationEpoch: Double?
    public var totalSteps: Int

    init(totalSteps: Int) { self.totalSteps = totalSteps }

    /// Takes note of the best validation.
    mutating func receive(_ event: TrainingEvent) {
        guard case .validated(let validation) = event, validation.isBest else { return }
        bestValidationMetric = validation.result.score
        (bestValidationStep, bestValidationEpoch) = (validation.step, validation.epoch)
    }

    /// Writes `train_stats.json` and adds it to the files.
    mutating func writeStatistics(in folder: URL, epochs: Int) throws(ArchiveError) {
        let url = folder.appending(path: "train_stats.json")
        var members: [JSONValue.Member] = [.init("total_steps", .integer(totalSteps)), .init("total_epochs", .integer(epochs))]
        if let metric = bestValidationMetric, let step = bestValidationStep, let epoch = bestValidationEpoch {
            members += [
                .init("best_validation_metric", .double(metric)), .init("best_validation_step", .integer(step)),
                .init("best_validation_epoch", .double(epoch)),
            ]
        }
        do { try Data(JSONValue.object(members).prettyText.utf8).write(to: url, options: .atomic) } catch {
            throw .unwritable(path: url.path, reason: error.localizedDescription)
        }
        files.append(url)
    }
}
