import Foundation
import Learning

/// The events of a training run as lines for people.
enum TrainingLog {
    static func write(_ event: TrainingEvent, to console: Console) {
        switch event {
        case .started(let run):
            let frozen = run.frozenParameters > 0 ? ", \(run.frozenParameters) frozen" : ""
            console.note(
                "\(run.parameters) parameters\(frozen), \(run.batchesPerEpoch) batches an epoch, steps \(run.firstStep)…\(run.steps)")
        case .rehearsed(let seconds): console.note(String(format: "dry run passed in %.1f s", seconds))
        case .progressed(let summary): console.note(line(summary))
        case .skipped(let step, let scale): console.note("step \(step) left out: half precision overflowed; loss scale \(scale)")
        case .validated(let validation):
            let figures = validation.result.figures.map { String(format: "%@ %.4f", $0.name, $0.value) }.joined(separator: "  ")
            console.note("validation at step \(validation.step)\(validation.isBest ? ", best so far" : "")  \(figures)")
            for warning in validation.result.warnings { console.warning(warning) }
        case .kept(let path, let step, let score): console.note(String(format: "step %d kept in %@ (score %.4f)", step, path, score))
        case .saved(let path, let step): console.note("step \(step) saved to \(path)")
        case .finished(let step, let reason): console.note("finished at step \(step): \(reason.rawValue)")
        }
    }

    private static func line(_ s: StepSummary) -> String {
        let figures = s.figures.map { String(format: "%@ %.4f", $0.name, $0.value) }.joined(separator: "  ")
        return String(
            format: "step %6d  %@  lr %.2e  |g| %.2f  %.2f s/step  wait %.0f %%", s.step, figures, s.learningRate, s.gradientNorm, s.secondsPerStep,
            s.dataWaitShare * 100)
    }
}
