import Foundation

/// How values become places along an axis, and where its ticks are.
package struct ChartScale {
    package let bounds: ClosedRange<Double>
    package let isLogarithmic: Bool
    /// The places of the labelled ticks, ascending.
    package let ticks: [Double]

    /// A scale that holds `values`, its ends on ticks.
    /// - Parameters:
    ///   - fixed: bounds to use whatever the values are.
    ///   - count: about how many ticks.
    package init(linear values: [Double], fixed: ClosedRange<Double>? = nil, count: Int = 5) {
        let (least, greatest) = Self.extent(values, fixed: fixed)
        let step = Self.tidyStep((greatest - least) / Double(count))
        let first = (least / step + 1e-9).rounded(.down)
        let last = max(first + 1, (greatest / step - 1e-9).rounded(.up))
        isLogarithmic = false
        bounds = fixed ?? first * step...last * step
        let range = bounds
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }.filter { range.contains($0) }
    }

    /// A logarithmic scale over the positive ones of `values`; `nil` when fewer than two differ.
    package init?(logarithmic values: [Double]) {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let least = positive.min(), let greatest = positive.max(), greatest > least else { return nil }
        let decades = Int(log10(least).rounded(.down))...max(Int(log10(least).rounded(.down)) + 1, Int(log10(greatest).rounded(.up)))
        // Few decades have ticks at 1, 2 and 5; many have one for every so many decades.
        let digits = decades.count <= 4 ? [1.0, 2, 5] : [1.0]
        let stride = max(1, (decades.count + 5) / 6)
        let all = decades.filter { ($0 - decades.lowerBound) % stride == 0 }.flatMap { decade in digits.map { $0 * pow(10, Double(decade)) } }
        let lower = all.last { $0 <= least * 1.000001 } ?? pow(10, Double(decades.lowerBound))
        let upper = all.first { $0 >= greatest * 0.999999 } ?? pow(10, Double(decades.upperBound))
        isLogarithmic = true
        bounds = lower...upper
        ticks = all.filter { $0 >= lower && $0 <= upper }
    }

    /// The place of `value` between the ends, 0...1 inside; `nil` for what a logarithm does not know.
    package func place(of value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        func moved(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
        return (moved(value) - moved(bounds.lowerBound)) / (moved(bounds.upperBound) - moved(bounds.lowerBound))
    }

    private static func extent(_ values: [Double], fixed: ClosedRange<Double>?) -> (Double, Double) {
        if let fixed { return (fixed.lowerBound, fixed.upperBound) }
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return (0, 1) }
        guard greatest > least else { return least == 0 ? (0, 1) : (least - abs(least) / 2, least + abs(least) / 2) }
        return (least, greatest)
    }

    /// The least of 1, 2, 5 times a power of ten that is not below `step`.
    static func tidyStep(_ step: Double) -> Double {
        let decade = pow(10, log10(step).rounded(.down))
        return decade * ([1.0, 2, 5, 10].first { $0 * decade >= step * 0.999999 } ?? 10)
    }

    /// A tick's or a value's number: three significant digits, powers of ten where it is very small or large.
    package static func text(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let size = abs(value)
        if size != 0, size < 0.000_999 || size >= 1_000_000 {
            let exponent = Int((log10(size) + 1e-9).rounded(.down))
            let digits = trimmed(value / pow(10, Double(exponent)), decimals: 2)
            return "\(digits)e\(exponent)".replacingOccurrences(of: "-", with: "−")
        }
        let decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : size >= 0.01 ? 4 : 5
        return trimmed(value, decimals: decimals).replacingOccurrences(of: "-", with: "−")
    }

    /// A number without the zeros behind its last decimal.
    private static func trimmed(_ value: Double, decimals: Int) -> String {
        var text = String(format: "%.\(decimals)f", value)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
