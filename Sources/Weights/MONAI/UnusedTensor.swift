/// A tensor that some generation of MONAI saves without using, and the values it starts with.
struct UnusedTensor {
    /// Starting values.
    enum Start {
        case constant(Float)
        /// PyTorch's default for linear layers and convolutions: uniform within ±1/√fan-in.
        case uniform(fanIn: Int)
    }

    var name: String
    var shape: [Int]
    var start: Start

    /// The tensor with its starting values, in the floating-point type that `state` stores.
    func tensor(like state: StateDictionary) throws(WeightError) -> StoredTensor {
        let count = StoredTensor.elementCount(of: shape) ?? 0
        let values: [Float]
        switch start {
        case .constant(let value): values = [Float](repeating: value, count: count)
        case .uniform(let fanIn):
            let bound = 1 / Float(max(fanIn, 1)).squareRoot()
            var random = NameSeededGenerator(name)
            values = (0..<count).map { _ in Float.random(in: -bound...bound, using: &random) }
        }
        let type = state.entries.first { $0.tensor.type.isFloatingPoint }?.tensor.type ?? .float32
        return try StoredTensor(floats: values, shape: shape).converted(to: type)
    }
}

/// Random numbers that depend on a name alone (FNV-1a into SplitMix64).
private struct NameSeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ name: String) {
        state = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
