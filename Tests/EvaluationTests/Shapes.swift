import Evaluation
import MedicalImaging

/// A label map with a ball of `label` around `centre` (voxels) with `radius` in mm.
func ball(
    _ label: UInt8 = 1, shape: SIMD3<Int> = SIMD3(20, 18, 16), spacing: SIMD3<Double> = SIMD3(1, 1, 1), centre: SIMD3<Double> = SIMD3(9, 9, 8),
    radius: Double
) -> LabelMap {
    var map = LabelMap(grid: VoxelGrid(shape: shape, affine: .diagonal(spacing)), repeating: 0)
    for k in 0..<shape.z {
        for j in 0..<shape.y {
            for i in 0..<shape.x where norm((SIMD3(Double(i), Double(j), Double(k)) - centre) * spacing) <= radius { map[i, j, k] = label }
        }
    }
    return map
}

/// A label map of noise with labels below `count`, dense or sparse.
func speckle(shape: SIMD3<Int>, spacing: SIMD3<Double>, density: Double, count: UInt8 = 2, seed: UInt64) -> LabelMap {
    var generator = SeededGenerator(seed: seed)
    let grid = VoxelGrid(shape: shape, affine: .diagonal(spacing))
    return LabelMap(
        grid: grid,
        voxels: (0..<grid.count).map { _ in
            Double.random(in: 0..<1, using: &generator) < density ? .random(in: 1..<count, using: &generator) : 0
        })
}

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

/// Surface distances by definition: all pairs of elements. Returns (prediction → reference, reference → prediction).
func naiveDistances(_ prediction: LabelMap, _ reference: LabelMap, label: UInt8) -> ([Double], [Double]) {
    func surface(_ map: LabelMap) -> [SIMD3<Double>] {
        let shape = map.grid.shape
        func has(_ index: SIMD3<Int>) -> Bool {
            VoxelBox(shape: shape).contains(index) && map[index.x, index.y, index.z] == label
        }
        var points: [SIMD3<Double>] = []
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                for i in 0..<shape.x where has(SIMD3(i, j, k)) {
                    let steps = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
                    if steps.contains(where: { !has(SIMD3(i, j, k) &+ $0) || !has(SIMD3(i, j, k) &- $0) }) {
                        points.append(SIMD3(Double(i), Double(j), Double(k)) * map.grid.spacing)
                    }
                }
            }
        }
        return points
    }
    let (a, b) = (surface(prediction), surface(reference))
    func nearest(_ from: [SIMD3<Double>], _ to: [SIMD3<Double>]) -> [Double] { from.map { p in to.map { norm($0 - p) }.min() ?? .infinity } }
    return (nearest(a, b), nearest(b, a))
}
