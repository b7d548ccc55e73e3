import Foundation

/// A small deterministic generator (SplitMix64) whose stream depends only on the numbers it was made from,
/// never on which thread draws.
///
/// Training derives one per sample from (seed, step, index), so a run that resumes at a step draws what the
/// uninterrupted run would have drawn.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator for the stream named by `keys`; the order of the keys matters.
    public init(_ keys: UInt64...) {
        state = 0x9E37_79B9_7F4A_7C15
        for key in keys { state = RandomSource.mix(state ^ RandomSource.mix(key &+ 0x9E37_79B9_7F4A_7C15)) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return RandomSource.mix(state)
    }

    /// A number from the standard normal distribution (Box–Muller; two draws a number).
    public mutating func normal() -> Double {
        let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self)
        let v = Double.random(in: 0..<1, using: &self)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }

    /// A number drawn uniformly from `range`.
    public mutating func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

    /// Whether an event of this probability happens; one draw.
    public mutating func happens(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
