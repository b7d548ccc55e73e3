import Randomness

/// Where random choices come from: the native generator (`RandomSource`), or NumPy's (`NumPyRandom`) where published numbers are reproduced.
///
/// A transform is written once against this protocol; driven by `NumPyRandom` it makes the choices that MONAI makes from the same seed.
public protocol RandomDraws: Sendable {
    /// A number of [0, 1).
    mutating func unit() -> Double
    /// A whole number of the range, each as likely; a range of one number takes no draw.
    mutating func integer(in range: ClosedRange<Int>) -> Int
    /// An index of `weights`, drawn in proportion to them.
    /// - Precondition: the weights are not negative and their sum is positive.
    mutating func index(weights: [Double]) -> Int
    /// A generator whose next `count` calls of `unit()` are the ones that this one would have given; this one goes on behind them.
    mutating func branch(units count: Int) -> Self
}

extension RandomDraws {
    /// Whether an event of this probability happens; one draw (MONAI `RandomizableTransform`).
    public mutating func happens(_ probability: Double) -> Bool { unit() < probability }

    /// The numbers 0..<count in random order: Fisher–Yates from the end, as NumPy's `shuffle` of an array.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(in: 0...last)) }
        return order
    }
}

extension RandomSource: RandomDraws {
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    public mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound == range.upperBound ? range.lowerBound : Int.random(in: range, using: &self)
    }

    public mutating func index(weights: [Double]) -> Int {
        var remaining = unit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            remaining -= weight
            if remaining < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }

    /// An independent stream: nothing is gained from keeping the order of one stream here.
    public mutating func branch(units count: Int) -> RandomSource { RandomSource(next()) }
}
