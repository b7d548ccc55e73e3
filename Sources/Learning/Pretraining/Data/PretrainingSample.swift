/// What the network learns from one crop.
public struct PretrainingSample: Sendable, Equatable {
    /// The crop as it is: what shall be restored.
    public var clean: ImagePatch
    /// What the network sees: two corrupted views (contrastive), or one with hidden tokens (masked).
    public var views: [ImagePatch]
    /// 1 at the voxels that count, else 0; empty when all do.
    public var weights: [Float] = []
}

/// The random choices behind one sample: the same draw gives the same sample.
public struct PretrainingDraw<Random: RandomDraws>: Sendable {
    /// How the crop is changed into what the network sees.
    public enum Views: Sendable {
        case corrupted(first: CorruptionDraw<Random>, second: CorruptionDraw<Random>)
        case masked(TokenMask)
    }

    public var crop: CropDraw
    public var views: Views

    /// Draws the crop, then the first view, then the second (specification §1.3, steps 7 to 12). Flips happen before the clean copy is taken.
    public init(in shape: SIMD3<Int>, configuration: PretrainingConfiguration, random: inout Random) {
        let size = configuration.cropShape
        crop = CropDraw(of: size, in: shape, flipProbability: configuration.flipProbability, random: &random)
        switch configuration.objective.kind {
        case .contrastive:
            let first = configuration.corruption.draw(in: size, random: &random)
            views = .corrupted(first: first, second: configuration.corruption.draw(in: size, random: &random))
        case .masked:
            let share = configuration.objective.maskedShare
            views = .masked(TokenMask(of: size, tokenShape: configuration.tokenShape, share: share, random: &random))
        }
    }

    /// The sample that these choices make of `volume`.
    public func apply(to volume: PretrainingVolume, size: SIMD3<Int>) -> PretrainingSample {
        let clean = volume.crop(at: crop.start, size: size).flipped(crop.flips)
        switch views {
        case .corrupted(let first, let second):
            return PretrainingSample(clean: clean, views: [first.apply(to: clean), second.apply(to: clean)])
        case .masked(let mask):
            return PretrainingSample(clean: clean, views: [mask.apply(to: clean)], weights: mask.weights(of: clean))
        }
    }
}
