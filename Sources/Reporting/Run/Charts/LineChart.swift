import Foundation

/// Curves over the steps of a run, drawn as SVG inside the page; where the values allow it, on a linear and on a logarithmic axis.
struct LineChart {
    /// A name that is unique on the page and safe as an identifier.
    var identifier: String
    var title: String
    /// The unit of the values; empty for plain numbers.
    var unit: String
    var series: [ChartSeries]
    /// Bounds of the linear axis, whatever the values.
    var fixed: ClosedRange<Double>?
    /// Whether a switch offers the logarithmic axis.
    var offersLogarithm = false
    /// Whether the logarithmic axis is shown first.
    var prefersLogarithm = false

    /// The size of the drawing, and the margins for the labels of its axes.
    private let size = SIMD2(540.0, 250.0)
    private let margin = (left: 52.0, right: 10.0, top: 8.0, bottom: 36.0)

    /// The chart as an element; empty when there is nothing to draw.
    var element: String {
        let shown = series.filter { !$0.finitePoints.isEmpty }
        guard !shown.isEmpty else { return "" }
        let values = shown.flatMap { series in
            series.finitePoints.map(\.value) + series.intervals.values.flatMap { [$0.lower, $0.upper] }
        }
        let linear = drawing(shown, scale: ChartScale(linear: values, fixed: fixed), class: "linear")
        let logarithmic = offersLogarithm ? ChartScale(logarithmic: values).map { drawing(shown, scale: $0, class: "logarithmic") } : nil
        let control = """
            <label class="switch"><input type="checkbox" id="log-\(identifier)"\(prefersLogarithm ? " checked" : "")>log scale</label>
            """
        return """
            <div class="chart">
            <h3>\(HTML.escape(title))\(unit.isEmpty ? "" : " <small>\(HTML.escape(unit))</small>")\(logarithmic == nil ? "" : control)</h3>
            <ul>\(shown.map(legend).joined())</ul>
            \(linear)
            \(logarithmic ?? "")
            </div>
            """
    }

    private func legend(_ series: ChartSeries) -> String {
        let last = (series.averaged ?? series.finitePoints).last.map { ChartScale.text($0.value) } ?? "–"
        let missing = series.points.count - series.finitePoints.count
        let note = missing > 0 ? " (\(missing) not finite)" : ""
        return "<li><i class=\"s\(series.color)\"></i>\(HTML.escape(series.name)) <b>\(last)</b>\(note)</li>"
    }

    private func drawing(_ series: [ChartSeries], scale: ChartScale, class name: String) -> String {
        let steps = series.flatMap { $0.points.map { Double($0.step) } }
        let across = ChartScale(linear: steps + [0], count: 6)
        let label = "\(title)\(unit.isEmpty ? "" : " in \(unit)") over training steps"
        return """
            <svg class="\(name)" viewBox="0 0 \(Int(size.x)) \(Int(size.y))" role="img" aria-label="\(HTML.escape(label))">
            \(axes(across: across, up: scale))
            \(series.map { curve($0, across: across, up: scale) }.joined(separator: "\n"))
            </svg>
            """
    }

    private func x(_ place: Double) -> Double { margin.left + place * (size.x - margin.left - margin.right) }
    private func y(_ place: Double) -> Double { size.y - margin.bottom - place * (size.y - margin.top - margin.bottom) }

    private func axes(across: ChartScale, up: ChartScale) -> String {
        var parts: [String] = []
        for tick in up.ticks {
            guard let place = up.place(of: tick) else { continue }
            let height = number(y(place))
            parts.append("<path class=\"grid\" d=\"M\(number(x(0))) \(height)H\(number(x(1)))\"/>")
            parts.append("<text x=\"\(number(x(0) - 7))\" y=\"\(number(y(place) + 3.8))\" text-anchor=\"end\">\(ChartScale.text(tick))</text>")
        }
        for tick in across.ticks {
            guard let place = across.place(of: tick) else { continue }
            parts.append("<path class=\"axis\" d=\"M\(number(x(place))) \(number(y(0)))v4\"/>")
            let text = "<text x=\"\(number(x(place)))\" y=\"\(number(y(0) + 17))\" text-anchor=\"middle\">\(HTML.count(Int(tick.rounded())))</text>"
            parts.append(text)
        }
        parts.append("<path class=\"axis\" d=\"M\(number(x(0))) \(number(y(0)))H\(number(x(1)))\"/>")
        parts.append("<text x=\"\(number(x(0.5)))\" y=\"\(number(size.y - 3))\" text-anchor=\"middle\">step</text>")
        return parts.joined()
    }

    private func curve(_ series: ChartSeries, across: ChartScale, up: ChartScale) -> String {
        func path(_ points: [RunPoint]) -> String { line(ChartSeries.thinned(points, to: 500), across: across, up: up) }
        var parts: [String] = []
        if let band = band(series, across: across, up: up) { parts.append("<path class=\"band\" d=\"\(band)\"/>") }
        if let averaged = series.averaged {
            parts.append("<path class=\"raw\" d=\"\(path(series.finitePoints))\"/><path class=\"curve\" d=\"\(path(averaged))\"/>")
        } else {
            parts.append("<path class=\"curve\" d=\"\(path(series.finitePoints))\"/>")
        }
        if !series.isNoisy || series.finitePoints.count == 1 { parts += dots(series, across: across, up: up) }
        return "<g class=\"k\(series.color)\">\(parts.joined())</g>"
    }

    /// A dot at every point that says its value; of long curves, at the last point only.
    private func dots(_ series: ChartSeries, across: ChartScale, up: ChartScale) -> [String] {
        let points = series.finitePoints.count > 60 ? series.finitePoints.suffix(1) : series.finitePoints[...]
        return points.compactMap { point in
            place(point, across: across, up: up).map { place in
                "<circle class=\"dot\" cx=\"\(number(place.x))\" cy=\"\(number(place.y))\" r=\"3\"><title>\(HTML.escape(series.name)), step "
                    + "\(HTML.count(point.step)): \(ChartScale.text(point.value))</title></circle>"
            }
        }
    }

    /// The area between the bounds, there and back.
    private func band(_ series: ChartSeries, across: ChartScale, up: ChartScale) -> String? {
        let bounded = series.finitePoints.compactMap { point in series.intervals[point.step].map { (point.step, $0) } }
        guard bounded.count > 1 else { return nil }
        let there = bounded.map { RunPoint(step: $0.0, value: $0.1.lower) }
        let back = bounded.reversed().map { RunPoint(step: $0.0, value: $0.1.upper) }
        return line(there + back, across: across, up: up) + "Z"
    }

    private func line(_ points: [RunPoint], across: ChartScale, up: ChartScale) -> String {
        let places = points.compactMap { place($0, across: across, up: up) }
        return places.enumerated().map { "\($0 == 0 ? "M" : "L")\(number($1.x)) \(number($1.y))" }.joined()
    }

    private func place(_ point: RunPoint, across: ChartScale, up: ChartScale) -> SIMD2<Double>? {
        guard let horizontal = across.place(of: Double(point.step)), let vertical = up.place(of: point.value) else { return nil }
        return SIMD2(x(horizontal), y(min(max(vertical, 0), 1)))
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
