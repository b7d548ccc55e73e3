import MedicalImaging

/// Samples a slab where an affine map takes the voxels of the original grid.
struct AffineSampler: Sendable {
    private let origin: SIMD3<Double>
    /// The steps along the original axes.
    private let steps: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
    private let lower: SIMD3<Double>
    private let upper: SIMD3<Double>
    private let shape: SIMD3<Int>
    /// Per processed axis, the voxels whose probabilities count.
    private let inside: [Range<Int>]
    /// The first position of each plane in the slab.
    private let planeStarts: [Int32]

    init<Element>(affine: Affine, lower: SIMD3<Double>, upper: SIMD3<Double>, inside: [Range<Int>], slab: LogitSlab<Element>) {
        self.inside = inside
        origin = affine.translation
        steps = (affine.columns[0], affine.columns[1], affine.columns[2])
        self.lower = lower
        self.upper = upper
        shape = slab.shape
        planeStarts = (0..<slab.shape.z).map { Int32(slab.planeStart($0)) }
    }

    /// The indices along the first axis of row (j, k) that may end in a fresh plane: an interval, a little too wide rather than too narrow.
    func candidates(j: Int, k: Int, count: Int, fresh: Range<Int>) -> Range<Int> {
        let start = (origin + steps.1 * Double(j) + steps.2 * Double(k)).z
        let step = steps.0.z
        // The clamp moves everything beyond the box to its border, so an end of the interval at the border is open.
        let low = Double(fresh.lowerBound) - 2 <= lower.z ? -Double.infinity : Double(fresh.lowerBound) - 2
        let high = Double(fresh.upperBound) + 1 >= upper.z ? Double.infinity : Double(fresh.upperBound) + 1
        guard step != 0 else { return start >= low && start <= high ? 0..<count : 0..<0 }
        let ends = [(low - start) / step, (high - start) / step].sorted()
        let first = Int(max(0, min(Double(count), ends[0].rounded(.down))))
        let last = Int(max(0, min(Double(count), ends[1].rounded(.up) + 1)))
        return first..<max(first, last)
    }

    /// The samples at an original voxel in positions of the slab, or `nil` when it lies outside or does not end in a fresh plane.
    @inline(__always) func sample(_ i: Int, _ j: Int, _ k: Int, fresh: Range<Int>) -> (x: LinearSample, y: LinearSample, z: LinearSample)? {
        let mapped = origin + steps.0 * Double(i) + steps.1 * Double(j) + steps.2 * Double(k)
        let point = pointwiseMin(pointwiseMax(mapped, lower), upper)
        var z = LinearSample(point.z, inside: inside[2])
        guard !z.isOutside, fresh.contains(z.lastPlane(count: shape.z)) else { return nil }
        var x = LinearSample(point.x, inside: inside[0])
        let y = LinearSample(point.y, inside: inside[1])
        guard !x.isOutside, !y.isOutside else { return nil }
        x.lower *= Int32(shape.y)
        x.upper *= Int32(shape.y)
        z.lower = planeStarts[Int(z.lower)]
        z.upper = planeStarts[Int(z.upper)]
        return (x, y, z)
    }
}
