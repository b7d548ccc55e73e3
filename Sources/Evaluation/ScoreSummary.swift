import Foundation

/// The distribution of one score over cases.
public struct ScoreSummary: Sendable, Equatable {
    /// The number of finite values, which all figures below describe.
    public var count: Int
    /// The number of infinite values: organs that were missed.
    public var infiniteCount: Int
    /// The mean; NaN without values, as the figures below.
    public var mean: Double
    /// The median.
    public var median: Double
    /// The sample standard deviation (n − 1); NaN for fewer than two values.
    public var standardDeviation: Double
    /// The 95 % confidence interval of the mean by bootstrap over cases (percentiles of 2000 resampled means); NaN for fewer than two values.
    public var lowerBound: Double
    public var upperBound: Double

    /// Summarises `values`, leaving NaN out. The same values in the same order give the same interval on any machine.
    public init(_ values: [Double]) {
        let finite = values.filter(\.isFinite)
        count = finite.count
        infiniteCount = values.count { $0.isInfinite }
        mean = Evaluation.mean(finite)
        median = quantile(0.5, ofSorted: finite.sorted())
        guard finite.count > 1 else {
            (standardDeviation, lowerBound, upperBound) = (.nan, .nan, .nan)
            return
        }
        let centre = mean
        standardDeviation = (finite.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(finite.count - 1)).squareRoot()
        let means = Self.resampledMeans(finite, count: 2000).sorted()
        lowerBound = quantile(0.025, ofSorted: means)
        upperBound = quantile(0.975, ofSorted: means)
    }

    /// Means of draws with replacement, from a fixed seed.
    private static func resampledMeans(_ values: [Double], count: Int) -> [Double] {
        var state: UInt64 = 0x5EED
        func draw() -> Int {
            // SplitMix64 (Steele, Lea and Flood 2014).
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)).multipliedFullWidth(by: UInt64(values.count)).high)
        }
        return (0..<count).map { _ in
            var sum = 0.0
            for _ in values.indices { sum += values[draw()] }
            return sum / Double(values.count)
        }
    }
}
