import MedicalImaging

/// How the sizes of successive holes depend on each other.
public enum HoleSizing: String, Codable, Sendable, CaseIterable {
    /// Each hole is at least as large, along each axis, as the one before. MONAI 0.7 to 1.6 overwrite the least size with each draw; the
    /// published results were made so, and it triples the corrupted share.
    case monaiRatchet
    /// Every hole is drawn from the whole range.
    case independent
}

/// Boxes drawn at random in a patch: the geometry of MONAI's `RandCoarseTransform` (1.6.1), which drops or shuffles what is in them.
public struct CoarseHoles: Codable, Sendable, Equatable {
    /// The number of boxes.
    public var count: Int
    /// The least voxels along X, Y, Z; 0 or less stands for the patch's own extent.
    public var size: [Int]
    /// The most voxels along X, Y, Z; empty: all boxes have `size`.
    public var maximumSize: [Int]
    /// How the sizes of successive boxes depend on each other.
    public var sizing = HoleSizing.monaiRatchet
    /// The probability that there are any.
    public var probability: Double

    public init(count: Int, size: Int, maximumSize: Int? = nil, probability: Double = 1) {
        self.count = count
        self.size = [size, size, size]
        self.maximumSize = maximumSize.map { [$0, $0, $0] } ?? []
        self.probability = probability
    }

    /// The boxes in a patch of `shape`, in order; `nil` when chance decides against them.
    ///
    /// The draws: one for the probability (always), then for each box three sizes (where there is a range) and three positions (where the
    /// box is smaller than the patch).
    public func draw(in shape: SIMD3<Int>, random: inout some RandomDraws) -> [VoxelBox]? {
        guard random.happens(probability) else { return nil }
        func fitted(_ sizes: [Int]) -> SIMD3<Int> {
            var result = shape
            for axis in 0..<3 where sizes[axis] > 0 { result[axis] = sizes[axis] }
            return result
        }
        let least = fitted(size)
        let most = maximumSize.isEmpty ? nil : fitted(maximumSize)
        var drawn = least
        return (0..<count).map { _ in
            if let most {
                let floor = sizing == .monaiRatchet ? drawn : least
                for axis in 0..<3 { drawn[axis] = random.integer(in: floor[axis]...max(floor[axis], most[axis])) }
            }
            let extent = pointwiseMin(drawn, shape)
            var lower = SIMD3<Int>.zero
            for axis in 0..<3 { lower[axis] = random.integer(in: 0...shape[axis] - extent[axis]) }
            return VoxelBox(lower: lower, upper: lower &+ extent)
        }
    }

    /// - Throws: `LearningError.configuration` naming the first value that cannot be.
    public func validate(path: String) throws(LearningError) {
        guard count >= 1 else { throw .configuration(keyPath: "\(path).count", reason: "expected at least 1, found \(count)") }
        guard size.count == 3 else { throw .configuration(keyPath: "\(path).size", reason: "expected three numbers of voxels, found \(size)") }
        guard maximumSize.isEmpty || (maximumSize.count == 3 && zip(size, maximumSize).allSatisfy { $1 <= 0 || ($0 > 0 && $0 <= $1) }) else {
            throw .configuration(
                keyPath: "\(path).maximumSize", reason: "expected three numbers not below size \(size) (or an empty list), found \(maximumSize)")
        }
        guard (0...1).contains(probability) else {
            throw .configuration(keyPath: "\(path).probability", reason: "expected a probability 0…1, found \(probability)")
        }
    }
}
