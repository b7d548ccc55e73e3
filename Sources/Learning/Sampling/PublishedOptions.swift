/// How training samples are cropped and augmented in the published fine-tuning (specification §3.3): MONAI 1.6 `RandCropByPosNegLabeld`,
/// `RandFlipd` per axis, `RandRotate90d`, `RandShiftIntensityd`, on volumes preprocessed by the recipe.
///
/// One deliberate deviation: a left–right flip swaps the labels of paired organs, unless `compat` asks for the published behaviour, in which a
/// mirrored right kidney stays a right kidney.
public struct PublishedOptions: Codable, Sendable, Equatable {
    /// Crops of one volume.
    public var samplesPerVolume = 4
    /// Crops centred on an organ, relative to `negative`.
    public var positive = 1.0
    /// Crops centred on background inside the body, relative to `positive`.
    public var negative = 1.0
    /// The probability of a flip, for each axis separately.
    public var flipProbability = 0.1
    /// The probability of a quarter, half or three-quarter turn about the body axis.
    public var rotationProbability = 0.1
    /// The largest intensity shift, in units of the window; not clipped afterwards.
    public var intensityShift = 0.1
    /// The probability of a shift.
    public var intensityShiftProbability = 0.5
    /// The largest relative change of intensities (`RandScaleIntensityd`, of the research variant).
    public var intensityScale = 0.1
    /// The probability of such a change; the published recipe has none.
    public var intensityScaleProbability = 0.0
    /// Whether flips leave the labels of paired organs as they are, as published.
    public var compat = false

    public init() {}

    /// The variant of the authors' research code: more flips and turns, scaling, fewer shifts.
    public static let research: PublishedOptions = {
        var options = PublishedOptions()
        (options.flipProbability, options.rotationProbability) = (0.2, 0.2)
        (options.intensityScaleProbability, options.intensityShiftProbability) = (0.1, 0.1)
        return options
    }()

    /// - Throws: `LearningError.configuration` naming the first value out of range.
    public func validate(shape: [Int], path: String = "published") throws(LearningError) {
        guard samplesPerVolume > 0 else {
            throw .configuration(keyPath: "\(path).samplesPerVolume", reason: "expected at least 1, found \(samplesPerVolume)")
        }
        guard positive >= 0, negative >= 0, positive + negative > 0, (positive + negative).isFinite else {
            throw .configuration(
                keyPath: "\(path).positive", reason: "expected shares of at least 0 of which one is above 0, found \(positive) : \(negative)")
        }
        for (name, value) in [
            ("flipProbability", flipProbability), ("rotationProbability", rotationProbability),
            ("intensityShiftProbability", intensityShiftProbability), ("intensityScaleProbability", intensityScaleProbability),
        ]
        where !(0...1).contains(value) {
            throw .configuration(keyPath: "\(path).\(name)", reason: "expected a probability 0…1, found \(value)")
        }
        for (name, value) in [("intensityShift", intensityShift), ("intensityScale", intensityScale)] where !(value >= 0 && value.isFinite) {
            throw .configuration(keyPath: "\(path).\(name)", reason: "expected at least 0, found \(value)")
        }
        if rotationProbability > 0, shape.count == 3, shape[0] != shape[1] {
            throw .configuration(
                keyPath: "\(path).rotationProbability",
                reason: "turns need patches as wide as deep, found \(shape); set it to 0 or change patch.shape")
        }
    }
}
