import MedicalImaging

/// Replaces boxes of a patch, or everything around them, by noise (MONAI `RandCoarseDropout`; cutout of DeVries and Taylor 2017, context
/// encoders of Pathak et al. 2016).
public struct CoarseDropout: Codable, Sendable, Equatable {
    /// Where the boxes lie.
    public var holes: CoarseHoles
    /// Whether the boxes are replaced (inner cutout) or kept, their surroundings being replaced (outer cutout).
    public var dropsHoles: Bool
    /// What replaces: nothing given, noise between the least and greatest intensity of the patch; one number, that; two, noise between them.
    public var fill: [Double] = []

    public init(holes: CoarseHoles, dropsHoles: Bool) {
        self.holes = holes
        self.dropsHoles = dropsHoles
    }

    /// The published inner cutout: 6 boxes of 5 to 32 voxels are replaced.
    public static let inner = CoarseDropout(holes: CoarseHoles(count: 6, size: 5, maximumSize: 32), dropsHoles: true)
    /// The published outer cutout: all but 6 boxes of 20 to 64 voxels is replaced.
    public static let outer = CoarseDropout(holes: CoarseHoles(count: 6, size: 20, maximumSize: 64), dropsHoles: false)

    /// The choices for a patch of `shape`; `nil` when chance decides against a change.
    ///
    /// The noise comes from where the generator stands behind the geometry, as in MONAI: one number for each voxel of each box, in order
    /// (inner), or for each voxel of the patch (outer).
    public func draw<Random: RandomDraws>(in shape: SIMD3<Int>, random: inout Random) -> CoarseDropoutDraw<Random>? {
        guard let boxes = holes.draw(in: shape, random: &random) else { return nil }
        let replaced = dropsHoles ? boxes.reduce(0) { $0 + $1.shape.x * $1.shape.y * $1.shape.z } : shape.x * shape.y * shape.z
        return CoarseDropoutDraw(boxes: boxes, dropsHoles: dropsHoles, fill: fill, noise: random.branch(units: fill.count == 1 ? 0 : replaced))
    }

    /// - Throws: `LearningError.configuration` naming the first value that cannot be.
    public func validate(path: String) throws(LearningError) {
        try holes.validate(path: "\(path).holes")
        guard fill.count <= 2, fill.allSatisfy(\.isFinite), fill.count < 2 || fill[0] <= fill[1] else {
            throw .configuration(keyPath: "\(path).fill", reason: "expected no number, one, or [least, greatest], found \(fill)")
        }
    }
}

/// The choices of one dropout.
public struct CoarseDropoutDraw<Random: RandomDraws>: Sendable {
    /// The boxes, in order; later ones overwrite earlier ones.
    public var boxes: [VoxelBox]
    public var dropsHoles: Bool
    public var fill: [Double]
    /// The generator that gives the noise.
    public var noise: Random

    /// The patch with noise; the same draw gives the same noise.
    public func apply(to patch: ImagePatch) -> ImagePatch {
        var noise = noise
        let (low, high) = range(of: patch)
        let span = high - low
        func value() -> Float { fill.count == 1 ? Float(low) : Float(low + span * noise.unit()) }
        var result = patch
        if dropsHoles {
            for box in boxes { patch.visitRows(of: box) { row in for index in row { result.voxels[index] = value() } } }
        } else {
            for index in result.voxels.indices { result.voxels[index] = value() }
            for box in boxes { patch.visitRows(of: box) { row in for index in row { result.voxels[index] = patch.voxels[index] } } }
        }
        return result
    }

    /// Between which numbers the noise lies.
    private func range(of patch: ImagePatch) -> (low: Double, high: Double) {
        if let low = fill.first, let high = fill.last { return (low, high) }
        var (low, high) = (Float.infinity, -Float.infinity)
        for value in patch.voxels { (low, high) = (min(low, value), max(high, value)) }
        return (Double(low), Double(high))
    }
}

extension ImagePatch {
    /// Calls `body` with the positions of each row (along Z) of a box that lies in the patch, in C order.
    func visitRows(of box: VoxelBox, _ body: (Range<Int>) -> Void) {
        for x in box.lower.x..<box.upper.x {
            for y in box.lower.y..<box.upper.y { body(index(x, y, box.lower.z)..<index(x, y, box.lower.z) + box.shape.z) }
        }
    }
}
