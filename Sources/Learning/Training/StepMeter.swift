/// Averages the figures of the steps between two reports.
struct StepMeter {
    private let start = ContinuousClock.now
    private var wait = Duration.zero
    private var otherwise = Duration.zero
    private var count = 0
    private var names: [String] = []
    private var sums: [String: Double] = [:]
    private var normSum = 0.0
    private var rate = 0.0

    mutating func waited(_ duration: Duration) { wait += duration }

    /// Takes out time that was spent neither on steps nor on waiting for data, such as that of a validation.
    mutating func leaveOut(_ duration: Duration) { otherwise += duration }

    mutating func stepped(_ figures: [NamedFigure], norm: Double, rate: Double) {
        count += 1
        normSum += norm
        self.rate = rate
        for figure in figures {
            if sums[figure.name] == nil { names.append(figure.name) }
            sums[figure.name, default: 0] += figure.value
        }
    }

    func summary(step: Int, epoch: Double, lossScale: Double) -> StepSummary {
        let elapsed = ContinuousClock.now - start - otherwise
        let n = Double(max(1, count))
        return StepSummary(
            step: step, epoch: epoch, figures: names.map { NamedFigure($0, sums[$0]! / n) }, learningRate: rate, gradientNorm: normSum / n,
            lossScale: lossScale, secondsPerStep: elapsed / .seconds(1) / n, dataWaitShare: wait / elapsed)
    }
}
