/// What was found in one case of a data set.
public struct CheckedCase: Sendable, Equatable, Codable {
    /// The section and the position in it, from 0.
    public var section: String
    public var index: Int
    /// The image and the label map, as the list names them.
    public var image: String
    public var label: String?
    public var patient: String
    /// Voxels along the stored axes.
    public var shape: [Int]
    /// In mm, along the stored axes.
    public var spacing: [Double]
    /// Such as `LPS`, or `oblique`.
    public var orientation: String
    /// The least and the greatest intensity in HU.
    public var range: [Double]
    /// Intensities in HU that 0.5, 5, 50, 95 and 99.5 % of the voxels do not exceed.
    public var percentiles: [Int]
    /// Voxels per label value, background included; `nil` without a label map.
    public var labelVoxels: [String: Int]?
    /// SHA-256 of shape and voxels, the same however the file is compressed.
    public var contentHash: String

    /// `512 × 512 × 140`.
    public var shapeText: String { shape.map(String.init).joined(separator: " × ") }

    /// The label values that occur, background left out.
    public var labels: [UInt8] { (labelVoxels ?? [:]).keys.compactMap { UInt8($0) }.filter { $0 != 0 }.sorted() }
}
