import Learning
import Reporting

extension TrainingEvent {
    /// The event as logs and reports know it; none for what they do not keep.
    var runEvents: [RunEvent] {
        switch self {
        case .started(let run): [.started(firstStep: run.firstStep, steps: run.steps)]
        case .progressed(let summary): [.measured(step: summary.step, figures: summary.namedFigures)]
        case .recovered(let step, let reason): [.warned(step: step, text: reason)]
        case .skipped(let step, _): [.warned(step: step, text: "a step was left out: its gradients overflowed half precision")]
        case .validated(let summary):
            [.validated(RunValidation(summary))] + summary.result.warnings.map { .warned(step: summary.step, text: $0) }
        case .saved(let path, let step): [.saved(step: step, file: path)]
        case .finished(let step, let reason): [.finished(step: step, reason: reason.rawValue)]
        case .rehearsed, .kept: []
        }
    }

    /// What stands beside the heading of the report.
    var facts: [ReportFact] {
        guard case .started(let run) = self else { return [] }
        let frozen = run.frozenParameters > 0 ? ", \(run.frozenParameters) frozen" : ""
        return [ReportFact("Parameters", "\(run.parameters)\(frozen)"), ReportFact("Batches per epoch", "\(run.batchesPerEpoch)")]
    }
}

extension StepSummary {
    /// All figures by the names of the log: losses, then pace and health.
    fileprivate var namedFigures: [String: Double] {
        var named = Dictionary(figures.map { ($0.name, $0.value) }) { first, _ in first }
        named["epoch"] = epoch
        named["learningRate"] = learningRate
        named["gradientNorm"] = gradientNorm
        named["lossScale"] = lossScale
        named["secondsPerStep"] = secondsPerStep
        named["dataWaitShare"] = dataWaitShare
        return named
    }
}
