import Foundation
import Reporting
import Testing

/// Axes that hold their values, ticks that people can read, curves that keep their spikes.
@Suite struct ChartTests {
    @Test func linearScalesHoldTheirValues() throws {
        for values in [[0.0, 1], [3.2, 3.3], [-5, 1e6], [7], [0], [-2, -1], [1e-9, 2e-9], []] {
            let scale = ChartScale(linear: values)
            #expect((2...9).contains(scale.ticks.count), "\(values): \(scale.ticks)")
            for value in values {
                let place = try #require(scale.place(of: value))
                #expect((-1e-9...1 + 1e-9).contains(place), "\(value) in \(scale.bounds)")
            }
        }
        #expect(ChartScale(linear: [0, 3000], count: 6).ticks == [0, 500, 1000, 1500, 2000, 2500, 3000])
        #expect(ChartScale(linear: [7], fixed: 0...100).bounds == 0...100)
    }

    @Test func logarithmicScalesHoldTheirValues() throws {
        for values in [[0.001, 1000], [0.3, 0.7], [2, 2.1], [1e-12, 1e12]] {
            let scale = try #require(ChartScale(logarithmic: values + [0, -1, .nan]))
            #expect((2...14).contains(scale.ticks.count), "\(values): \(scale.ticks)")
            for value in values { #expect((-1e-9...1 + 1e-9).contains(try #require(scale.place(of: value)))) }
        }
        #expect(ChartScale(logarithmic: [1, 1]) == nil)
        #expect(ChartScale(logarithmic: [-1, 0]) == nil)
        let scale = try #require(ChartScale(logarithmic: [1, 100]))
        #expect(scale.place(of: 0) == nil)
        // A tenth of the logarithm's rounding.
        #expect(abs(try #require(scale.place(of: 10)) - 0.5) < 1e-12)
    }

    @Test(arguments: [
        (0.0, "0"), (1.0, "1"), (0.25, "0.25"), (1234.5, "1234"), (0.0003, "3e−4"), (2.5e7, "2.5e7"), (-0.5, "−0.5"), (.infinity, "–"), (-0.0, "0"),
    ])
    func numbersAreShort(value: Double, text: String) { #expect(ChartScale.text(value) == text) }

    @Test func thinningKeepsExtremesAndOrder() {
        var points = (0..<10_000).map { RunPoint(step: $0, value: sin(Double($0) / 100)) }
        points[1234].value = 50
        points[4321].value = -50
        let thinned = ChartSeries.thinned(points, to: 500)
        #expect(thinned.count <= 500)
        #expect(thinned.map(\.step) == thinned.map(\.step).sorted())
        #expect(thinned.contains(points[1234]) && thinned.contains(points[4321]))
        #expect(ChartSeries.thinned(points, to: 20_000).count == points.count)
    }

    @Test func averagesDoNotLag() throws {
        // A straight line is its own moving average but at the ends, where the window is cut.
        let points = (0..<300).map { RunPoint(step: $0, value: 3 * Double($0) + 1) }
        let averaged = try #require(ChartSeries(name: "", points: points, color: 0, isNoisy: true).averaged)
        // Rounding of sums up to 2e5.
        for position in 5..<295 { #expect(abs(averaged[position].value - points[position].value) < 1e-9) }
        let constant = points.map { RunPoint(step: $0.step, value: 7) }
        let logarithmic = ChartSeries(name: "", points: constant, color: 0, isNoisy: true, averagesLogarithms: true)
        #expect(try #require(logarithmic.averaged).allSatisfy { abs($0.value - 7) < 1e-9 })
        #expect(ChartSeries(name: "", points: Array(points.prefix(20)), color: 0, isNoisy: true).averaged == nil)
    }
}
