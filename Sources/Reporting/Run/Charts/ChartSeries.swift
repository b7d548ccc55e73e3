import Foundation

/// One curve of a chart.
package struct ChartSeries {
    var name: String
    var points: [RunPoint]
    /// The position in `ReportStyle.seriesColors`.
    var color: Int
    /// Whether it is drawn thin, with a moving average over it; otherwise with a dot at every point.
    var isNoisy: Bool
    /// Whether the moving average is one of logarithms, as suits values that jump by powers of ten.
    var averagesLogarithms = false
    /// Lower and upper bounds around some points, by step.
    var intervals: [Int: ConfidenceInterval] = [:]

    package init(
        name: String, points: [RunPoint], color: Int, isNoisy: Bool, averagesLogarithms: Bool = false, intervals: [Int: ConfidenceInterval] = [:]
    ) {
        self.name = name
        self.points = points
        self.color = color
        self.isNoisy = isNoisy
        self.averagesLogarithms = averagesLogarithms
        self.intervals = intervals
    }

    /// The points that can be drawn.
    var finitePoints: [RunPoint] { points.filter(\.value.isFinite) }

    /// The number of reports that the moving average looks at: a thirtieth of the curve.
    var averagedCount: Int { points.count / 30 }

    /// The mean of each point and its neighbours on both sides, `averagedCount` points in all, fewer at the ends: it does not lag behind.
    /// `nil` for curves too short to need one.
    package var averaged: [RunPoint]? {
        guard isNoisy, averagedCount > 1 else { return nil }
        let points = finitePoints
        let usesLogarithms = averagesLogarithms && points.allSatisfy { $0.value > 0 }
        var sums = [0.0]
        for point in points { sums.append(sums[sums.count - 1] + (usesLogarithms ? log(point.value) : point.value)) }
        let reach = averagedCount / 2
        return points.indices.map { position in
            let (first, end) = (max(0, position - reach), min(points.count, position + reach + 1))
            let mean = (sums[end] - sums[first]) / Double(end - first)
            return RunPoint(step: points[position].step, value: usesLogarithms ? exp(mean) : mean)
        }
    }

    /// At most about `count` points that look the same: the least and the greatest of each stretch, in order. Spikes stay.
    package static func thinned(_ points: [RunPoint], to count: Int) -> [RunPoint] {
        guard points.count > count, count >= 2 else { return points }
        let stretches = count / 2
        return (0..<stretches).flatMap { stretch -> [RunPoint] in
            let range = stretch * points.count / stretches..<(stretch + 1) * points.count / stretches
            guard let least = range.min(by: { points[$0].value < points[$1].value }),
                let greatest = range.max(by: { points[$0].value < points[$1].value })
            else { return [] }
            return Set([least, greatest]).sorted().map { points[$0] }
        }
    }
}
