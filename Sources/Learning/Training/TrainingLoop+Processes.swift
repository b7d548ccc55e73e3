import Torch

/// What the processes of a group tell each other; alone, nothing happens here.
extension TrainingLoop {
    /// Whether this process reports and writes.
    var isFirst: Bool { processes?.isFirst ?? true }

    /// How the processes share what can be shared out.
    var shares: WorkShares { WorkShares(processes) }

    /// Runs `body` in the process that reports and writes, while the others wait.
    /// - Throws: in every process when `body` does, as `WorkShares.together` says.
    func inFirst(_ body: () throws -> Void) throws { try shares.together { if isFirst { try body() } } }

    /// Throws unless all processes start at the same step, as they do when all of them see the run's folder.
    func requireCommonStart() throws {
        guard let processes else { return }
        let steps = try processes.gather(Tensor([Int64(state.step)])).int64s()
        guard Set(steps).count == 1 else {
            throw LearningError.checkpoint(
                file: folder.path, reason: "the processes found different checkpoints (steps \(steps)): all of them must see the same folder")
        }
    }

    /// Averages the gradients and returns the mean figures.
    func averagedOverProcesses(_ figures: [NamedFigure]) throws -> [NamedFigure] {
        guard let processes else { return figures }
        for parameter in groups.learning where parameter.gradient == nil { try parameter.setGradient(Tensor.zeros(parameter.shape)) }
        try withoutGradients { try processes.average(groups.learning.compactMap(\.gradient)) }
        let values = try Tensor(figures.map(\.value))
        try processes.average([values])
        return zip(figures, try values.elements(Double.self)).map { NamedFigure($0.name, $1) }
    }

    /// The reason to stop of any process, so that all of them stop after the same step.
    func agreed(_ reason: TrainingEvent.StopReason) throws -> TrainingEvent.StopReason {
        guard let processes else { return reason }
        let reasons: [TrainingEvent.StopReason] = [.interrupted, .timeLimit, .plateau]
        let votes = try Tensor(reasons.map { Int64($0 == reason ? 1 : 0) })
        try processes.sum([votes])
        return zip(reasons, try votes.int64s()).first { $0.1 > 0 }?.0 ?? .completed
    }
}
