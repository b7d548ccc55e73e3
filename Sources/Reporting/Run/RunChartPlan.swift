/// Which figures share a chart, and how it is labelled. Figures nobody planned for have charts of their own.
struct RunChartPlan {
    var identifier: String
    var title: String
    var unit = ""
    var figures: [(key: String, name: String)]
    /// What values are multiplied by for the page.
    var factor = 1.0
    var fixed: ClosedRange<Double>?
    var isNoisy = true
    var offersLogarithm = false
    var prefersLogarithm = false

    /// The plans that hold at least one of the figures, in reading order, each with those only.
    static func charts(of keys: [String]) -> [RunChartPlan] {
        let known = Set(planned.flatMap { $0.figures.map(\.key) })
        let others = keys.filter { !known.contains($0) }.enumerated().map { number, key in
            RunChartPlan(
                identifier: "figure-\(number)", title: named(key).prefix(1).uppercased() + named(key).dropFirst(), figures: [(key, named(key))],
                offersLogarithm: true)
        }
        let found = planned.compactMap { plan -> RunChartPlan? in
            var plan = plan
            plan.figures.removeAll { !keys.contains($0.key) }
            return plan.figures.isEmpty ? nil : plan
        }
        return found + others
    }

    /// The name of a figure as words: `crossEntropy` is `cross entropy`.
    static func named(_ key: String) -> String {
        planned.lazy.flatMap(\.figures).first { $0.key == key }?.name
            ?? key.reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : $1 == "_" ? " " : String($1) }
    }

    private static let planned = [
        RunChartPlan(
            identifier: "loss", title: "Loss",
            figures: [
                ("loss", "total"), ("dice", "Dice"), ("crossEntropy", "cross entropy"), ("reconstruction", "reconstruction (L1)"),
                ("contrastive", "contrastive"),
            ], offersLogarithm: true),
        RunChartPlan(
            identifier: "rate", title: "Learning rate", figures: [("learningRate", "learning rate")], isNoisy: false, offersLogarithm: true),
        RunChartPlan(
            identifier: "gradient", title: "Gradient norm", unit: "before clipping", figures: [("gradientNorm", "L2 norm")], offersLogarithm: true,
            prefersLogarithm: true),
        RunChartPlan(identifier: "pace", title: "Time per step", unit: "s", figures: [("secondsPerStep", "seconds")], offersLogarithm: true),
        RunChartPlan(
            identifier: "wait", title: "Waiting for data", unit: "% of the time", figures: [("dataWaitShare", "share")], factor: 100, fixed: 0...100),
    ]
}
