import CommandSupport
import Reporting

/// The time that each stage took, in the order in which they ran.
struct Stopwatch: Sendable {
    private(set) var stages: [StageTiming] = []

    /// Runs a stage and keeps its time.
    mutating func measure<Result>(_ stage: String, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { add(stage, seconds: (ContinuousClock.now - start) / .seconds(1)) }
        return try body()
    }

    /// Keeps a time measured elsewhere.
    mutating func add(_ stage: String, seconds: Double) { stages.append(StageTiming(stage, seconds: seconds)) }

    var total: Double { stages.reduce(0) { $0 + $1.seconds } }

    /// `3.1 s (read 0.2 s, network 2.5 s, …)`, leaving out what took less than a hundredth of the whole.
    var text: String {
        let parts = stages.filter { $0.seconds >= total / 100 }.map { "\($0.name) \(Duration.text(seconds: $0.seconds))" }
        return "\(Duration.text(seconds: total)) (\(parts.joined(separator: ", ")))"
    }
}
