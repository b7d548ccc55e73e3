import Learning
import Reporting

extension TrainingEvent {
    /// The event as logs and reports know it.
    var runEvents: [RunEvent] {
        switch self {
        case .started(_, _, let firstStep, let steps): [.started(firstStep: firstStep, steps: steps)]
        case .progressed(let summary): [.measured(step: summary.step, figures: summary.figures)]
        case .saved(let path, let step): [.saved(step: step, file: path)]
        case .finished(let step, let reason): [.finished(step: step, reason: reason.rawValue)]
        }
    }

    /// What stands beside the heading of the report.
    var facts: [ReportFact]? {
        guard case .started(let volumes, let parameters, _, _) = self else { return nil }
        return [ReportFact("Volumes", "\(volumes)"), ReportFact("Parameters", "\(parameters)")]
    }
}

extension StepSummary {
    /// The figures by the names of the log.
    var figures: [String: Double] {
        [
            "loss": Double(loss), "dice": Double(dice), "crossEntropy": Double(crossEntropy), "learningRate": learningRate,
            "gradientNorm": gradientNorm, "secondsPerStep": secondsPerStep, "dataWaitShare": dataWaitShare,
        ]
    }
}
