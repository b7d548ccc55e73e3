import Foundation
import Learning

/// What trainings of an archive have in common, whatever they learn: the loop, and the files it leaves under the names the archive expects.
struct ArchiveRun<Task: LearningTask> {
    let plan: TrainingPlan
    let loop: TrainingLoop<Task>
    /// Whether this process is the one that writes.
    let writes: Bool

    /// Trains, and writes the best and, where asked for, the last weights.
    /// - Parameter convert: writes a file of the run in PyTorch's form under the other location.
    func run(converting convert: (URL, URL) throws -> Void, onEvent: (TrainingEvent) throws -> Void) throws -> TrainingOutcome {
        var outcome = TrainingOutcome(totalSteps: loop.steps)
        try loop.run { event in
            outcome.receive(event)
            try onEvent(event)
        }
        guard writes else { return outcome }
        let last = plan.folder.appending(path: ".last.safetensors")
        defer { try? FileManager.default.removeItem(at: last) }
        try loop.export(to: last)
        let best = plan.folder.appending(path: "best.safetensors")
        let hasBest = plan.validation != nil && FileManager.default.fileExists(atPath: best.path)
        for (source, name) in [(hasBest ? best : last, plan.bestName), (last, plan.finalName)] {
            guard let name else { continue }
            let target = plan.folder.appending(path: name)
            try convert(source, target)
            outcome.files.append(target)
        }
        try outcome.writeStatistics(in: plan.folder, epochs: plan.epochs)
        return outcome
    }
}
