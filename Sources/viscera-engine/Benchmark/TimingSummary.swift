/// Repeated timings of one piece of work: the median counts, the extremes tell how far to trust it.
struct TimingSummary: Sendable, Encodable {
    var name: String
    /// Seconds per run.
    var median: Double
    var fastest: Double
    var slowest: Double
    var runs: Int
    /// How many units of work a second does at the median, such as windows.
    var rate: Double
    /// The unit of `rate`.
    var unit: String

    /// The timings of one warm-up, which does not count, and `runs` runs.
    /// - Precondition: at least one run.
    static func measure(_ name: String, units: Int, of unit: String, runs: Int, _ work: () throws -> Void) rethrows -> TimingSummary {
        precondition(runs > 0, "at least one run is timed")
        try work()
        let seconds = try (0..<runs).map { _ in try ContinuousClock().measure(work) / .seconds(1) }
        return TimingSummary(name: name, units: units, of: unit, seconds: seconds)
    }

    /// - Parameter seconds: of each run; at least one.
    init(name: String, units: Int, of unit: String, seconds: [Double]) {
        let sorted = seconds.sorted()
        let middle = sorted.count / 2
        self.name = name
        self.unit = unit
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        fastest = sorted[0]
        slowest = sorted[sorted.count - 1]
        runs = seconds.count
        rate = Double(units) / median
    }
}
