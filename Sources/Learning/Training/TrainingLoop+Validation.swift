import Foundation
import Torch

extension TrainingLoop {
    /// Measures the averaged weights, keeps them where they are among the best, and takes note of the score, which all processes know.
    func validate(_ report: (TrainingEvent) throws -> Void) throws {
        let start = ContinuousClock.now
        let result = try withoutGradients { try withAveragedWeights { try task.validate(step: state.step, among: shares) } }
        guard let result else { return }
        let isBest = state.record(result.score, options: options)
        try inFirst {
            try report(
                .validated(
                    ValidationSummary(
                        step: state.step, epoch: epoch, result: result, isBest: isBest, seconds: (ContinuousClock.now - start) / .seconds(1))))
            if options.keptBest > 0, !result.score.isNaN { try keep(score: result.score, isBest: isBest, report) }
        }
    }

    /// Puts the averaged weights in the place of the parameters while `body` runs.
    package func withAveragedWeights<Result>(_ body: () throws -> Result) throws -> Result {
        var own: [Tensor] = []
        for (parameter, averaged) in zip(parameters, average.averages) {
            own.append(try parameter.tensor.detached())
            try parameter.tensor.replaceStorage(with: averaged.tensor)
        }
        let result = Swift.Result { try body() }
        for (parameter, tensor) in zip(parameters, own) { try parameter.tensor.replaceStorage(with: tensor) }
        return try result.get()
    }

    /// Writes the averaged weights as `best.safetensors` when they are, and beside it when they are among the best `keptBest`.
    private func keep(score: Double, isBest: Bool, _ report: (TrainingEvent) throws -> Void) throws {
        if isBest {
            let best = folder.appending(path: "best.safetensors")
            try export(to: best)
            try report(.kept(path: best.path, step: state.step, score: score))
        }
        guard options.keptBest > 1 else { return }
        let name = String(format: "best-%07d.safetensors", state.step)
        let entry = LoopState.Kept(file: name, step: state.step, score: score)
        let position = state.kept.firstIndex { $0.score < score } ?? state.kept.count
        guard position < options.keptBest else { return }
        let file = folder.appending(path: name)
        try export(to: file)
        state.kept.insert(entry, at: position)
        try report(.kept(path: file.path, step: state.step, score: score))
        while state.kept.count > options.keptBest {
            try? FileManager.default.removeItem(at: folder.appending(path: state.kept.removeLast().file))
        }
    }
}
