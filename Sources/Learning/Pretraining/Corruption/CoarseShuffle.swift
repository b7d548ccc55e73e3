import MedicalImaging

/// Shuffles the voxels inside of boxes (MONAI `RandCoarseShuffle`; patch shuffling of Kang et al. 2017).
public struct CoarseShuffle: Codable, Sendable, Equatable {
    /// Where the boxes lie.
    public var holes: CoarseHoles

    public init(holes: CoarseHoles) { self.holes = holes }

    /// The published shuffling: with probability 0.8, ten cubes of 8 voxels.
    public static let published = CoarseShuffle(holes: CoarseHoles(count: 10, size: 8, probability: 0.8))

    /// The choices for a patch of `shape`; `nil` when chance decides against a change. All boxes are drawn before the first is shuffled.
    public func draw(in shape: SIMD3<Int>, random: inout some RandomDraws) -> CoarseShuffleDraw? {
        guard let boxes = holes.draw(in: shape, random: &random) else { return nil }
        let orders = boxes.map { random.permutation($0.shape.x * $0.shape.y * $0.shape.z) }
        return CoarseShuffleDraw(boxes: boxes, orders: orders)
    }
}

/// The choices of one shuffling.
public struct CoarseShuffleDraw: Sendable, Equatable {
    /// The boxes, in order; they may overlap.
    public var boxes: [VoxelBox]
    /// For each box, which of its voxels (in C order) comes to each place.
    public var orders: [[Int]]

    /// The patch with its boxes shuffled one after another.
    public func apply(to patch: ImagePatch) -> ImagePatch {
        var result = patch
        for (box, order) in zip(boxes, orders) {
            var places: [Int] = []
            places.reserveCapacity(order.count)
            patch.visitRows(of: box) { places.append(contentsOf: $0) }
            let before = places.map { result.voxels[$0] }
            for (place, source) in zip(places, order) { result.voxels[place] = before[source] }
        }
        return result
    }
}
