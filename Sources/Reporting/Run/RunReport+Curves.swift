extension RunReport {
    /// The figures of the steps as curves.
    var curves: String {
        // The epoch stands in the heading; a loss scale that never moved says nothing.
        let series = record.series.filter { name, points in name != "epoch" && !(name == "lossScale" && points.allSatisfy { $0.value == 1 }) }
        guard !series.isEmpty else { return "" }
        let charts = RunChartPlan.charts(of: series.keys.sorted()).map { plan in
            LineChart(
                identifier: plan.identifier, title: plan.title, unit: plan.unit,
                series: plan.figures.enumerated().map { position, figure in
                    let points = (series[figure.key] ?? []).map { RunPoint(step: $0.step, value: $0.value * plan.factor) }
                    return ChartSeries(
                        name: figure.name, points: points, color: position % 6, isNoisy: plan.isNoisy, averagesLogarithms: plan.prefersLogarithm)
                }, fixed: plan.fixed, offersLogarithm: plan.offersLogarithm, prefersLogarithm: plan.prefersLogarithm)
        }
        return section("Training", note: smoothingNote, charts)
    }

    private var smoothingNote: String {
        let counts = record.series.map { ChartSeries(name: "", points: $0.value, color: 0, isNoisy: true).averagedCount }
        guard let longest = counts.max(), longest > 1 else { return "" }
        return "Thin lines are what was measured, thick lines moving averages over about \(longest) reports; numbers are the averages at the end."
    }

    /// The scores of the validations as curves: the two means in charts of their own, since they must not be compared.
    var validationCurves: String {
        let validations = record.validations
        guard validations.count > 1 else { return "" }
        func points(_ value: (RunValidation) -> Double?) -> [RunPoint] {
            validations.compactMap { validation in value(validation).map { RunPoint(step: validation.step, value: $0) } }
        }
        let intervals = validations.compactMap { validation in validation.organMeanInterval.map { (validation.step, $0) } }
        let organMean = ChartSeries(
            name: "mean of \(organCount) organs", points: points(\.organMean), color: 0, isNoisy: false,
            intervals: Dictionary(intervals) { $1 })
        let classMean = ChartSeries(name: "mean of \(organCount + 1) classes", points: points(\.classMean), color: 5, isNoisy: false)
        var charts = [
            LineChart(identifier: "organ-mean", title: "Validation Dice, background left out", unit: "", series: [organMean], fixed: 0...1),
            LineChart(identifier: "class-mean", title: "Validation Dice, background counted", unit: "", series: [classMean], fixed: 0...1),
        ]
        for (number, name) in Set(validations.flatMap(\.figures.keys)).sorted().enumerated() {
            let figure = RunChartPlan.named(name)
            let curve = ChartSeries(name: figure, points: points { $0.figures[name] }, color: 0, isNoisy: false)
            charts.append(
                LineChart(identifier: "validation-\(number)", title: "Validation: \(figure)", unit: "", series: [curve], offersLogarithm: true))
        }
        return section("Validation", note: "", charts)
    }

    /// The number of organs in the last validation.
    var organCount: Int { max(0, (record.validations.last?.classes.count ?? 1) - 1) }

    private func section(_ title: String, note: String, _ charts: [LineChart]) -> String {
        let elements = charts.map(\.element).filter { !$0.isEmpty }
        guard !elements.isEmpty else { return "" }
        return """
            <section>
            <h2>\(title)</h2>
            <div class="charts">
            \(elements.joined(separator: "\n"))
            </div>
            \(note.isEmpty ? "" : "<p class=\"note\">\(note)</p>")
            </section>
            """
    }
}
