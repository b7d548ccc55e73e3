/// How one view of a crop is corrupted: inner or outer cutout, then local shuffling (specification §1.3; MONAI tutorial
/// `vit_unetr_ssl` as of December 2021, where the two views are drawn independently).
public struct Corruption: Codable, Sendable, Equatable {
    public var innerCutout = CoarseDropout.inner
    public var outerCutout = CoarseDropout.outer
    /// How likely inner and outer cutout are; one of them happens.
    public var cutoutWeights = [0.5, 0.5]
    public var shuffling = CoarseShuffle.published

    public init() {}

    /// The published corruption of a patch of 96³ with sizes in proportion to a patch of `shape`: a cutout of 32 voxels in 96 is one of 21
    /// in 64. The cubes that are shuffled keep their size.
    public static func scaled(to shape: [Int]) -> Corruption {
        var corruption = Corruption()
        func scaled(_ sizes: [Int]) -> [Int] { zip(sizes, shape).map { max(1, Int((Double($0 * $1) / 96).rounded())) } }
        for path in [\Corruption.innerCutout.holes, \Corruption.outerCutout.holes] {
            corruption[keyPath: path].size = scaled(corruption[keyPath: path].size)
            corruption[keyPath: path].maximumSize = scaled(corruption[keyPath: path].maximumSize)
        }
        return corruption
    }

    /// The choices for one view of a patch of `shape`.
    public func draw<Random: RandomDraws>(in shape: SIMD3<Int>, random: inout Random) -> CorruptionDraw<Random> {
        let cutout = [innerCutout, outerCutout][random.index(weights: cutoutWeights)].draw(in: shape, random: &random)
        return CorruptionDraw(cutout: cutout, shuffling: shuffling.draw(in: shape, random: &random))
    }

    /// - Throws: `LearningError.configuration` naming the first value that cannot be.
    public func validate(path: String) throws(LearningError) {
        try innerCutout.validate(path: "\(path).innerCutout")
        try outerCutout.validate(path: "\(path).outerCutout")
        try shuffling.holes.validate(path: "\(path).shuffling.holes")
        guard cutoutWeights.count == 2, cutoutWeights.allSatisfy({ $0 >= 0 && $0.isFinite }), cutoutWeights.contains(where: { $0 > 0 }) else {
            throw .configuration(
                keyPath: "\(path).cutoutWeights", reason: "expected two weights, not negative and not both 0, found \(cutoutWeights)")
        }
    }
}

/// The choices for one view.
public struct CorruptionDraw<Random: RandomDraws>: Sendable {
    public var cutout: CoarseDropoutDraw<Random>?
    public var shuffling: CoarseShuffleDraw?

    /// The corrupted patch; the same draw gives the same.
    public func apply(to patch: ImagePatch) -> ImagePatch {
        let cut = cutout?.apply(to: patch) ?? patch
        return shuffling?.apply(to: cut) ?? cut
    }
}
