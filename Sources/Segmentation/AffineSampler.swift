import MedicalImaging

/// Samples a volume where an affine map takes the voxels of the original grid.
struct AffineSampler: Sendable {
    private let origin: SIMD3<Double>
    /// The steps along the original axes.
    private let steps: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
    private let inverse: Affine?
    private let lower: SIMD3<Double>
    private let upper: SIMD3<Double>
    /// Per processed axis, the voxels whose probabilities count.
    private let inside: [Range<Int>]
    /// The shape of the original grid.
    private let shape: SIMD3<Int>
    /// The processed coordinates between which the whole original grid lies, before clamping.
    private let reach: (lower: SIMD3<Double>, upper: SIMD3<Double>)

    /// - Parameter shape: that of the original grid.
    init(affine: Affine, lower: SIMD3<Double>, upper: SIMD3<Double>, inside: [Range<Int>], shape: SIMD3<Int>) {
        self.inside = inside
        self.shape = shape
        origin = affine.translation
        steps = (affine.columns[0], affine.columns[1], affine.columns[2])
        inverse = affine.inverse
        self.lower = lower
        self.upper = upper
        let corners = Self.corners(.zero, SIMD3<Double>(shape &- 1)).map { affine($0) }
        reach = (corners.dropFirst().reduce(corners[0], pointwiseMin), corners.dropFirst().reduce(corners[0], pointwiseMax))
    }

    private static func corners(_ lower: SIMD3<Double>, _ upper: SIMD3<Double>) -> [SIMD3<Double>] {
        (0..<8).map { SIMD3($0 & 1 == 0 ? lower.x : upper.x, $0 & 2 == 0 ? lower.y : upper.y, $0 & 4 == 0 ? lower.z : upper.z) }
    }

    /// Where the original voxels that may lie in some cells are.
    struct Region {
        /// Processed coordinates.
        var lower: SIMD3<Double>
        var upper: SIMD3<Double>
        /// Original indices.
        var box: VoxelBox
    }

    /// The region of the cells `first ..< end` of a processed volume: a little too wide rather than too narrow.
    func region(of first: SIMD3<Int>, _ end: SIMD3<Int>, count: SIMD3<Int>) -> Region {
        var region = Region(lower: .zero, upper: .zero, box: VoxelBox(shape: shape))
        for axis in 0..<3 {
            // The clamp moves everything beyond the box to its border, and samples outside of what counts to its first voxel, so the region is open there.
            let (low, high) = (Double(first[axis]) - 2, Double(end[axis]) + 1)
            region.lower[axis] = low <= max(lower[axis], Double(inside[axis].lowerBound)) ? reach.lower[axis] - 1 : low
            region.upper[axis] = high >= min(upper[axis], Double(inside[axis].upperBound - 1)) ? reach.upper[axis] + 1 : high
        }
        guard let inverse else { return region }
        let corners = Self.corners(region.lower, region.upper).map { inverse($0) }
        let last = SIMD3<Double>(shape)
        let from = pointwiseMin(pointwiseMax(corners.dropFirst().reduce(corners[0], pointwiseMin) - 1, .zero), last)
        let to = pointwiseMin(pointwiseMax(corners.dropFirst().reduce(corners[0], pointwiseMax) + 2, .zero), last)
        let box = (lower: SIMD3<Int>(from.rounded(.down)), upper: SIMD3<Int>(to.rounded(.down)))
        region.box = VoxelBox(lower: box.lower, upper: pointwiseMax(box.lower, box.upper))
        return region
    }

    /// The indices along the first axis of row (j, k) that may lie in a region: an interval, a little too wide rather than too narrow.
    @inline(__always) func candidates(j: Int, k: Int, region: Region) -> Range<Int> {
        let start = origin + steps.1 * Double(j) + steps.2 * Double(k)
        var (first, last) = (Double(region.box.lower.x), Double(region.box.upper.x))
        for axis in 0..<3 {
            let step = steps.0[axis]
            guard abs(step) > 1e-9 else {
                if start[axis] < region.lower[axis] - 1 || start[axis] > region.upper[axis] + 1 { return 0..<0 }
                continue
            }
            let ends = ((region.lower[axis] - start[axis]) / step, (region.upper[axis] - start[axis]) / step)
            first = max(first, min(ends.0, ends.1).rounded(.down))
            last = min(last, max(ends.0, ends.1).rounded(.up) + 1)
        }
        return first < last ? Int(first)..<Int(last) : 0..<0
    }

    /// The samples at an original voxel in positions of a brick, or `nil` when it lies outside of the brick's cells or of what counts.
    @inline(__always) func sample<Element>(
        _ i: Int, _ j: Int, _ k: Int, in brick: LogitBrick<Element>
    ) -> (x: LinearSample, y: LinearSample, z: LinearSample)? {
        let mapped = origin + steps.0 * Double(i) + steps.1 * Double(j) + steps.2 * Double(k)
        let point = pointwiseMin(pointwiseMax(mapped, lower), upper)
        guard let x = sample(point.x, axis: 0, in: brick), let y = sample(point.y, axis: 1, in: brick), let z = sample(point.z, axis: 2, in: brick)
        else { return nil }
        return (x, y, z)
    }

    @inline(__always) private func sample<Element>(_ coordinate: Double, axis: Int, in brick: LogitBrick<Element>) -> LinearSample? {
        var sample = LinearSample(coordinate, inside: inside[axis])
        guard !sample.isOutside, Int(sample.lower) >= brick.lower[axis], Int(sample.lower) < brick.upper[axis] else { return nil }
        sample.lower = brick.position(sample.lower, axis: axis)
        sample.upper = brick.position(sample.upper, axis: axis)
        return sample
    }
}
