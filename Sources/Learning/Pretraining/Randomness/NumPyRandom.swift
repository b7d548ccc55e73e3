import Foundation

/// NumPy's legacy generator `numpy.random.RandomState`, bit for bit: the Mersenne Twister MT19937 with Knuth's seeding (Matsumoto and
/// Nishimura 1998; specification §7, checked against NumPy 2).
///
/// MONAI's random transforms draw from it, so a transform driven by it repeats MONAI's choices.
public struct NumPyRandom: RandomDraws, Equatable {
    private var words: [UInt32]
    private var position: Int

    private static let size = 624
    private static let shift = 397

    /// The generator that `RandomState(seed)` is.
    public init(seed: UInt32) {
        var word = seed
        words = []
        words.reserveCapacity(NumPyRandom.size)
        for index in 1...NumPyRandom.size {
            words.append(word)
            word = 1_812_433_253 &* (word ^ (word >> 30)) &+ UInt32(index)
        }
        position = NumPyRandom.size
    }

    /// The next 32 bits.
    public mutating func next() -> UInt32 {
        if position == NumPyRandom.size { twist() }
        var word = words[position]
        position += 1
        word ^= word >> 11
        word ^= (word << 7) & 0x9D2C_5680
        word ^= (word << 15) & 0xEFC6_0000
        return word ^ (word >> 18)
    }

    private mutating func twist() {
        let (size, shift) = (NumPyRandom.size, NumPyRandom.shift)
        words.withUnsafeMutableBufferPointer { words in
            for index in 0..<size {
                let mixed = (words[index] & 0x8000_0000) | (words[(index + 1) % size] & 0x7FFF_FFFF)
                words[index] = words[(index + shift) % size] ^ (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
            }
        }
        position = 0
    }

    /// `rand()`: 53 bits from two draws.
    public mutating func unit() -> Double {
        let high = Double(next() >> 5)
        let low = Double(next() >> 6)
        return (high * 67_108_864 + low) / 9_007_199_254_740_992
    }

    /// `randint(low, high + 1)`: masked rejection on 32-bit draws.
    public mutating func integer(in range: ClosedRange<Int>) -> Int {
        let span = UInt32(range.upperBound - range.lowerBound)
        guard span > 0 else { return range.lowerBound }
        let mask = UInt32.max >> UInt32(span.leadingZeroBitCount)
        while true {
            let value = next() & mask
            if value <= span { return range.lowerBound + Int(value) }
        }
    }

    /// `multinomial(1, weights).argmax()`: one binomial after another, each by inversion.
    public mutating func index(weights: [Double]) -> Int {
        var remaining = weights.reduce(0, +)
        for (index, weight) in weights.dropLast().enumerated() {
            if happensByInversion(weight / remaining) { return index }
            remaining -= weight
        }
        return weights.count - 1
    }

    /// `binomial(1, p) == 1`.
    private mutating func happensByInversion(_ probability: Double) -> Bool {
        if probability > 0.5 { return !happensByInversion(1 - probability) }
        guard probability > 0 else { return false }
        let none = exp(log(1 - probability))
        while true {
            let value = unit()
            if value <= none { return false }
            if value - none <= probability * none / (1 - probability) { return true }
        }
    }

    public mutating func branch(units count: Int) -> NumPyRandom {
        let branch = self
        for _ in 0..<2 * count { _ = next() }
        return branch
    }
}
