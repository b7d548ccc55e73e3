/// A small, fast, seeded generator (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64): the same seed gives the same
/// phantom on every machine.
struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seed: UInt64) {
        var s = seed
        func splitmix() -> UInt64 {
            s &+= 0x9E37_79B9_7F4A_7C15
            var z = s
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (splitmix(), splitmix(), splitmix(), splitmix())
    }

    mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }

    /// A stream independent of this one's later draws.
    mutating func fork() -> RandomStream { RandomStream(seed: next()) }

    /// A number in [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number between `low` and `high`.
    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

    /// True with probability `p`.
    mutating func chance(_ p: Double) -> Bool { unit() < p }

    /// An integer in 0..<`count`.
    mutating func index(_ count: Int) -> Int { min(count - 1, Int(unit() * Double(count))) }

    /// A Gaussian draw, truncated at three standard deviations.
    mutating func normal(_ mean: Double = 0, _ deviation: Double = 1) -> Double {
        var sum = 0.0
        for _ in 0..<6 { sum += unit() }
        let z = (sum - 3) * 1.414_213_562_373_095
        return mean + deviation * min(3, max(-3, z))
    }

    /// A unit Gaussian good enough for noise: the sum of four 16-bit uniforms taken from one draw.
    @inline(__always)
    mutating func quickNormal() -> Float {
        let r = next()
        let sum = (r & 0xFFFF) + ((r >> 16) & 0xFFFF) + ((r >> 32) & 0xFFFF) + (r >> 48)
        return (Float(sum) - 131_070) * 2.642_906e-5
    }
}
