import MedicalImaging

/// What is done to a CT before a network sees it, in this order: reorient, resample, window the intensities, crop to the foreground, pad.
///
/// Each step is left out when its field is `nil` (or `false`). The recipe travels with a network's weights as JSON; a key that this
/// version does not know is refused, because leaving a step out in silence would spoil the prediction.
public struct PreprocessingRecipe: Codable, Sendable, Equatable {
    /// The orientation code that the voxel axes are brought to by permuting and flipping, e.g. `RAS`; `nil` keeps the stored axes.
    public var orientation: String?
    /// The spacing in mm along the (reoriented) axes; a component ≤ 0 keeps the volume's own, a list of fewer than three is filled with its
    /// last value. `nil` keeps the grid.
    public var spacing: [Double]?
    /// The HU range that becomes 0…1; `nil` keeps HU.
    public var intensity: IntensityWindow?
    /// Whether the volume is cropped to the box of the voxels above 0 (after windowing).
    public var cropsForeground: Bool
    /// The least number of voxels along each axis; smaller volumes are padded with 0 on both sides. `nil` pads nothing.
    public var minimumShape: [Int]?
    /// Whether a volume without any foreground stays uncropped; otherwise it is an error.
    public var keepsVolumeWithoutForeground: Bool

    public init(
        orientation: String? = nil, spacing: [Double]? = nil, intensity: IntensityWindow? = nil, cropsForeground: Bool = false,
        minimumShape: [Int]? = nil, keepsVolumeWithoutForeground: Bool = false
    ) {
        self.orientation = orientation
        self.spacing = spacing
        self.intensity = intensity
        self.cropsForeground = cropsForeground
        self.minimumShape = minimumShape
        self.keepsVolumeWithoutForeground = keepsVolumeWithoutForeground
    }

    /// The recipe of self-supervised pre-training: stored axes, 2 mm, −57…164 HU, foreground, at least 96³.
    public static let pretraining = PreprocessingRecipe(
        spacing: [2, 2, 2], intensity: IntensityWindow(lower: -57, upper: 164), cropsForeground: true, minimumShape: [96, 96, 96])

    /// The recipe of abdominal segmentation: RAS, 1.5 × 1.5 × 2 mm, −175…250 HU, foreground.
    public static let abdominalCT = PreprocessingRecipe(
        orientation: "RAS", spacing: [1.5, 1.5, 2], intensity: IntensityWindow(lower: -175, upper: 250), cropsForeground: true)

    /// Throws `PreprocessingError.invalidRecipe`, naming the field, when a value has no meaning.
    public func validate() throws(PreprocessingError) {
        if let orientation, AxisOrientation(code: orientation) == nil {
            throw .invalidRecipe(
                field: "orientation", found: "'\(orientation)'", expected: "three letters, one each of R/L, A/P and S/I, such as RAS")
        }
        if let spacing, !(1...3).contains(spacing.count) || !spacing.allSatisfy(\.isFinite) {
            throw .invalidRecipe(field: "spacing", found: "\(spacing)", expected: "one to three finite numbers of mm")
        }
        if let intensity, !(intensity.lower.isFinite && intensity.upper.isFinite && intensity.lower < intensity.upper) {
            throw .invalidRecipe(
                field: "intensity", found: "\(intensity.lower)…\(intensity.upper)",
                expected: "a finite range whose lower bound is below the upper one")
        }
        if let minimumShape, minimumShape.count != 3 || !minimumShape.allSatisfy({ (0...4096).contains($0) }) {
            throw .invalidRecipe(field: "minimumShape", found: "\(minimumShape)", expected: "three numbers of voxels from 0 to 4096")
        }
    }
}

extension PreprocessingRecipe {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case orientation, spacing, intensity, cropsForeground, minimumShape, keepsVolumeWithoutForeground
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Decodes and validates a recipe; absent keys take their defaults, unknown keys are refused.
    public init(from decoder: any Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw PreprocessingError.invalidRecipe(
                field: key.stringValue, found: "a key this version does not know", expected: "one of \(known.sorted().joined(separator: ", "))")
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            orientation: try values.decodeIfPresent(String.self, forKey: .orientation),
            spacing: try values.decodeIfPresent([Double].self, forKey: .spacing),
            intensity: try values.decodeIfPresent(IntensityWindow.self, forKey: .intensity),
            cropsForeground: try values.decodeIfPresent(Bool.self, forKey: .cropsForeground) ?? false,
            minimumShape: try values.decodeIfPresent([Int].self, forKey: .minimumShape),
            keepsVolumeWithoutForeground: try values.decodeIfPresent(Bool.self, forKey: .keepsVolumeWithoutForeground) ?? false)
        try validate()
    }
}
