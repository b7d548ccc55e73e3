import Segmentation
import Torch

extension TrainingLoop {
    /// The factor of losses in half precision, else 1.
    var lossScale: Double { options.precision == .fp16 ? state.scaler.scale : 1 }

    /// One optimizer step: the mean gradient of `accumulation` batches, clipped, applied at the scheduled rate, and averaged into the weights
    /// for use.
    func takeStep(_ loader: BatchLoader<ShardedSource<Task.Source>>, meter: inout StepMeter, _ onEvent: (TrainingEvent) throws -> Void) throws {
        // Whatever a network draws (dropout) depends on the step alone, so that it is drawn again after a resume.
        try manualSeed(options.seed &+ UInt64(state.step) &* 0x9E37_79B9_7F4A_7C15)
        let own = try shares.together {
            try groups.hold(at: state.step)
            return try descend(loader, meter: &meter)
        }
        let figures = try averagedOverProcesses(own)
        guard let norm = try finiteGradientNorm(onEvent) else { return }
        let rate = options.schedule.rate(at: state.step, of: steps, reductions: state.reductions)
        try shares.together {
            try groups.step(learningRate: rate)
            try groups.clearGradients()
            try average.update(parameters, step: state.step)
        }
        meter.stepped(figures, norm: norm, rate: rate)
    }

    /// Adds the gradients of the step's batches and returns the mean of their figures.
    private func descend(_ loader: BatchLoader<ShardedSource<Task.Source>>, meter: inout StepMeter) throws -> [NamedFigure] {
        var figures: [NamedFigure] = []
        for part in 0..<options.accumulation {
            let waiting = ContinuousClock.now
            let batch = try loader.batch(at: state.step * options.accumulation + part)
            meter.waited(ContinuousClock.now - waiting)
            add(try descend(batch), share: 1 / Double(options.accumulation), to: &figures)
        }
        return figures
    }

    /// Adds a batch's share to the gradients and returns its figures, the loss first.
    func descend(_ batch: Task.Source.Batch) throws -> [NamedFigure] {
        var figures: [NamedFigure] = []
        for part in task.parts(of: batch) { add(try descend(part.batch, share: part.share), share: part.share, to: &figures) }
        return figures
    }

    /// The same for a part of a batch.
    private func descend(_ part: Task.Source.Batch, share: Double) throws -> [NamedFigure] {
        let value = try inPrecision { try task.loss(of: part) }
        let total = try value.total.item()
        guard total.isFinite || options.precision == .fp16 else {
            throw LearningError.nonFiniteLoss(step: state.step, value: Float(total))
        }
        let factor = lossScale * share / Double(options.accumulation)
        try (factor == 1 ? value.total : value.total * factor).backward()
        try value.tape?.backward { recompute in try inPrecision { try recompute() } }
        return [NamedFigure("loss", total)] + value.figures
    }

    /// Runs a forward pass in the precision of the run.
    private func inPrecision<Result>(_ body: () throws -> Result) throws -> Result {
        try options.precision.computing(on: task.device, body)
    }

    /// Accumulates the mean of figures over the batches of a step, or over the parts of a batch.
    private func add(_ figures: [NamedFigure], share: Double, to sums: inout [NamedFigure]) {
        if sums.isEmpty {
            sums = figures.map { NamedFigure($0.name, $0.value * share) }
        } else {
            for index in figures.indices { sums[index].value += figures[index].value * share }
        }
    }

    /// Takes the loss scale out of the gradients and clips them; returns their norm before, or `nil` when the step must be left out.
    private func finiteGradientNorm(_ onEvent: (TrainingEvent) throws -> Void) throws -> Double? {
        if lossScale != 1 {
            try withoutGradients {
                for parameter in groups.learning {
                    if let gradient = parameter.gradient { try gradient.assign(gradient * (1 / lossScale)) }
                }
            }
        }
        let limit = options.gradientClipping > 0 ? options.gradientClipping : Double(Float.greatestFiniteMagnitude)
        let norm = try clipGradientNorm(groups.learning, to: limit)
        guard options.precision == .fp16 else {
            guard norm.isFinite else { throw LearningError.nonFiniteGradient(step: state.step) }
            return norm
        }
        state.scaler.update(isFinite: norm.isFinite)
        if norm.isFinite { return norm }
        guard state.scaler.scale >= LossScaler.least else { throw LearningError.nonFiniteGradient(step: state.step) }
        try groups.clearGradients()
        try onEvent(.skipped(step: state.step, lossScale: state.scaler.scale))
        return nil
    }

    /// A step and a validation that leave no trace.
    func rehearse(_ loader: BatchLoader<ShardedSource<Task.Source>>, _ onEvent: (TrainingEvent) throws -> Void) throws {
        let start = ContinuousClock.now
        try shares.together {
            // The greatest need is that of the steps in which nothing is held.
            try groups.hold(at: .max)
            // Moments are made before the activations live, as in every later step.
            _ = try groups.state()
            _ = try descend(source.batch(at: state.step * options.accumulation))
            try groups.clearGradients()
            try withoutGradients { try withAveragedWeights { try task.rehearse(among: shares) } }
        }
        try onEvent(.rehearsed(seconds: (ContinuousClock.now - start) / .seconds(1)))
    }
}
