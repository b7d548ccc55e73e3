/// The distances between neighbouring slices, what is uneven about them, and the evenly spaced slices that they can be resampled onto.
struct SliceSpacing {
    /// The places of the slices along their normal, rising, in mm.
    private let places: [Double]
    private let gaps: [Double]
    /// The median distance, in mm.
    let usual: Double
    /// The gaps that differ from the usual by more than 2 % and 0.011 mm.
    private let odd: [Int]

    init(_ places: [Double]) {
        self.places = places
        let gaps = zip(places, places.dropFirst()).map { $1 - $0 }
        let usual = gaps.isEmpty ? 1 : gaps.sorted()[(gaps.count - 1) / 2]
        (self.gaps, self.usual) = (gaps, usual)
        odd = gaps.count > 1 ? gaps.indices.filter { abs(gaps[$0] - usual) > max(0.02 * usual, 0.011) } : []
    }

    var isEven: Bool { odd.isEmpty }

    /// Gaps wider than three usual ones and than 10 mm are no place to invent anatomy in.
    var isFillable: Bool { odd.allSatisfy { gaps[$0] <= max(3.05 * usual, 10) } }

    /// What is wrong, naming at most `limit` places.
    func fault(limit: Int) -> String {
        let named = odd.prefix(limit).map { index in
            "between \(Self.text(places[index])) mm and \(Self.text(places[index + 1])) mm (\(Self.text(gaps[index])) mm)"
        }.joined(separator: ", ")
        let more = odd.count > limit ? ", and at \(odd.count - limit) more places" : ""
        let missing = odd.map { gaps[$0] / usual }
        if missing.allSatisfy({ $0 > 1.5 && abs($0 - $0.rounded()) < 0.1 }) {
            let count = missing.map { Int($0.rounded()) - 1 }.reduce(0, +)
            return "\(count) \(count == 1 ? "slice is" : "slices are") missing \(named)\(more), where slices are \(Self.text(usual)) mm apart"
        }
        return "its slices are unevenly spaced: most are \(Self.text(usual)) mm apart, but not \(named)\(more)"
    }

    /// Evenly spaced slices from the first place to the last, as close to the usual distance as whole numbers allow: how many steps there are,
    /// and for each slice where it lies among the given ones (2.25: between the third and the fourth, a quarter of the way).
    var even: [Double] {
        guard let first = places.first, let last = places.last, last > first else { return places.map { _ in 0 } }
        let steps = max(1, Int(((last - first) / usual).rounded()))
        var lower = 0
        return (0...steps).map { step in
            guard step < steps else { return Double(gaps.count) }
            let place = first + (last - first) * Double(step) / Double(steps)
            while lower + 1 < gaps.count, places[lower + 1] <= place { lower += 1 }
            let fraction = (place - places[lower]) / gaps[lower]
            // Places are written with few decimals: a millionth of a gap is no distance.
            return abs(fraction - fraction.rounded()) < 1e-6 ? Double(lower) + fraction.rounded() : Double(lower) + fraction
        }
    }

    /// Millimetres to the micrometre.
    static func text(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
}
