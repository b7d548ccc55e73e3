import MedicalImaging

/// A small deterministic generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A volume of uniform noise.
func noise(shape: SIMD3<Int>, affine: Affine, in range: ClosedRange<Float> = -1000...1000, seed: UInt64) -> Volume<Float> {
    var generator = SeededGenerator(seed: seed)
    let grid = VoxelGrid(shape: shape, affine: affine)
    return Volume(grid: grid, voxels: (0..<grid.count).map { _ in .random(in: range, using: &generator) })
}

/// A label map of uniform noise with labels below `count`.
func labelNoise(grid: VoxelGrid, count: UInt8, seed: UInt64) -> LabelMap {
    var generator = SeededGenerator(seed: seed)
    return LabelMap(grid: grid, voxels: (0..<grid.count).map { _ in .random(in: 0..<count, using: &generator) })
}

/// The affine of an orientation with a spacing per patient axis and an arbitrary translation.
func affine(_ orientation: AxisOrientation, spacing: SIMD3<Double>, translation: SIMD3<Double> = SIMD3(-12.5, 40, 7)) -> Affine {
    var columns = [SIMD3<Double>](repeating: .zero, count: 3)
    for axis in 0..<3 { columns[axis][orientation.axes[axis]] = Double(orientation.signs[axis]) * spacing[orientation.axes[axis]] }
    return Affine(columns: columns[0], columns[1], columns[2], translation: translation)
}

/// The largest absolute difference of two arrays of the same length; infinite when the lengths differ.
func largestDifference(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
}

/// One-hot probabilities of `labels` in C order, one channel after the other.
func oneHot(_ labels: LabelMap, channelCount: Int) -> [Float] {
    let shape = labels.grid.shape
    return (0..<channelCount).flatMap { channel in
        (0..<shape.x).flatMap { i in
            (0..<shape.y).flatMap { j in (0..<shape.z).map { k in labels[i, j, k] == UInt8(channel) ? Float(1) : 0 } }
        }
    }
}
