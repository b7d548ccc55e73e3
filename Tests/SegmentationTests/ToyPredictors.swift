import Segmentation

/// A small deterministic generator.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func uniform() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func integer(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }

    mutating func shape(_ range: ClosedRange<Int>) -> SIMD3<Int> { SIMD3(integer(range), integer(range), integer(range)) }
}

/// The same logits everywhere.
struct ConstantPredictor: WindowPredictor {
    var logits: [Float]
    var windowShape: SIMD3<Int>
    var channelCount: Int { logits.count }

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        return (0..<count).flatMap { _ in logits.flatMap { [Float](repeating: $0, count: voxels) } }
    }
}

/// Logits that depend on the intensity, smoothly, and on the place within the window.
struct PositionPredictor: WindowPredictor {
    var channelCount: Int
    var windowShape: SIMD3<Int>

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        var logits: [Float] = []
        for window in 0..<count {
            for channel in 0..<channelCount {
                let c = Float(channel)
                var index = window * voxels
                for x in 0..<windowShape.x {
                    for y in 0..<windowShape.y {
                        for z in 0..<windowShape.z {
                            let v = windows[index]
                            let place = Float(x) * 0.03 - Float(y) * 0.02 * (c - 1) + Float(z) * 0.05
                            logits.append((c + 1) * v - 1.1 * c * v * v + place * (0.3 + 0.1 * c))
                            index += 1
                        }
                    }
                }
            }
        }
        return logits
    }
}

/// Logits without any pattern, though the same for the same windows.
struct NoisePredictor: WindowPredictor {
    var channelCount: Int
    var windowShape: SIMD3<Int>

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        return (0..<count).flatMap { window in
            (0..<channelCount).flatMap { channel in
                (0..<voxels).map { voxel in
                    var random = SplitMix(seed: UInt64(windows[window * voxels + voxel].bitPattern) &+ UInt64(channel * 7919 + voxel))
                    return Float(random.uniform() * 6 - 3)
                }
            }
        }
    }
}
