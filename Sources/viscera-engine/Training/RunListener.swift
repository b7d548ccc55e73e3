import CommandSupport
import Foundation
import Learning
import Reporting

/// Tells of a training run: one line on the terminal, and the files of `RunRecorder` in the run's folder.
final class RunListener {
    private let console: Console
    private let recorder: RunRecorder
    private var progress = RunProgress(steps: 0)

    /// - Parameters:
    ///   - configuration: what the run does, in full, as JSON.
    ///   - datalists: the files that name its data.
    init(console: Console, folder: URL, configuration: Data, datalists: [String]) throws {
        self.console = console
        let record = RunRecord(
            title: folder.standardizedFileURL.lastPathComponent, configuration: configuration,
            provenance: try RunProvenance.facts(datalists: datalists))
        recorder = RunRecorder(record, folder: folder)
    }

    /// The page that the run writes.
    var page: URL { recorder.page }

    /// Runs `training` with this listener; an error that ends it stands in the report, too.
    func listen<Outcome>(to training: ((TrainingEvent) throws -> Void) throws -> Outcome) throws -> Outcome {
        do { return try training { try self.receive($0) } } catch {
            let message = ToolFailure(describing: error).message
            // What ended the run is what the reader must hear of, not that the report could not be written.
            try? recorder.receive(.warned(step: progress.step, text: "the run failed: \(message)"))
            try? recorder.receive(.finished(step: progress.step, reason: "failed"))
            throw error
        }
    }

    private func receive(_ event: TrainingEvent) throws {
        recorder.describe { $0.facts += event.facts }
        switch event {
        case .rehearsed(let seconds): console.note("dry run passed in \(Duration.text(seconds: seconds))")
        case .kept(let path, let step, let score): console.note(String(format: "step %d kept in %@ (score %.4f)", step, path, score))
        default:
            for known in event.runEvents {
                try recorder.receive(known)
                tell(known)
            }
            if case .validated(let summary) = event, !summary.result.pictured.isEmpty {
                try recorder.show(summary.result.pictured.map { RunPicture($0, step: summary.step) })
            }
        }
    }

    private func tell(_ event: RunEvent) {
        switch event {
        case .started(let firstStep, let steps):
            progress = RunProgress(steps: steps, step: firstStep)
            console.note(firstStep > 0 ? "going on after step \(firstStep) of \(steps)" : "\(steps) steps to do")
        case .measured(let step, let figures):
            progress.advance(to: step, figures: figures)
            console.status(progress.line(width: console.terminalWidth), plain: progress.plainLine)
        case .validated(let validation):
            let grid = validation.grid.map { " on the \($0) grid" } ?? ""
            let mean = validation.organMean.map { String(format: "mean Dice of the organs, without background, %.4f", $0) }
            let figures = validation.figures.sorted { $0.key < $1.key }.map { String(format: "%@ %.4f", $0.key, $0.value) }
            console.note("validation at step \(validation.step)\(grid): \(([mean].compactMap { $0 } + figures).joined(separator: ", "))")
        case .warned(let step, let text): console.warning("step \(step): \(text)")
        case .saved(let step, let file): console.note("step \(step) saved to \(file)")
        case .finished(let step, let reason): console.note("finished at step \(step): \(reason)")
        }
    }
}

extension RunPicture {
    /// A case of a validation.
    init(_ found: PicturedCase, step: Int) {
        self.init(name: found.name, note: found.note, step: step, volume: found.volume, labels: found.prediction, reference: found.reference)
    }
}
