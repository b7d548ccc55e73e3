import CImageIO

/// What the header of one DICOM image says about its place and kind. Coordinates are DICOM's: LPS+, mm.
struct DICOMSlice {
    var path: String
    var seriesIdentifier: String
    var seriesDescription: String
    var modality: String
    var imageType: [String]
    var acquisition: String
    /// Columns and rows: voxels along i and j.
    var size: SIMD2<Int>
    /// ImagePositionPatient: the centre of the first voxel.
    var position: SIMD3<Double>
    /// ImageOrientationPatient: the directions of increasing column (i) and row (j).
    var directions: (SIMD3<Double>, SIMD3<Double>)
    /// The spacing along i and j.
    var spacing: SIMD2<Double>
    /// SpacingBetweenSlices, or SliceThickness.
    var thickness: Double?
    var storedType: VoxelType?
    var componentCount: Int

    /// The direction across the slice: i × j.
    var normal: SIMD3<Double> { cross(directions.0, directions.1) }
    /// The place along the normal, in mm.
    var distance: Double { dot(position, normal) }
    /// Whether the image is a scout view.
    var isLocalizer: Bool { imageType.contains { $0.uppercased() == "LOCALIZER" } }
    /// Whether the slice lies across the body, within 30 degrees.
    var isAxial: Bool { abs(normal.z) > 0.866 }
    /// Whether the image is as acquired, not a reformat.
    var isOriginal: Bool { imageType.prefix(2).map { $0.uppercased() } == ["ORIGINAL", "PRIMARY"] }

    /// The header of `file`, or `nil` when it says no place.
    init?(_ file: ForeignFile) {
        guard let position = Self.numbers(file.text("0020|0032"), count: 3), let orientation = Self.numbers(file.text("0020|0037"), count: 6),
            let spacing = Self.numbers(file.text("0028|0030"), count: 2), spacing.allSatisfy({ $0 > 0 })
        else { return nil }
        path = file.path
        seriesIdentifier = file.text("0020|000e") ?? "unknown"
        seriesDescription = file.text("0008|103e") ?? ""
        modality = file.text("0008|0060") ?? ""
        imageType = (file.text("0008|0008") ?? "").split(separator: "\\").map { $0.trimmingCharacters(in: .whitespaces) }
        acquisition = file.text("0020|0012") ?? ""
        size = SIMD2(file.size(0), file.size(1))
        self.position = SIMD3(position)
        directions = (SIMD3(orientation[0..<3]), SIMD3(orientation[3..<6]))
        // PixelSpacing names the distance of rows first.
        self.spacing = SIMD2(spacing[1], spacing[0])
        thickness = (Self.numbers(file.text("0018|0088"), count: 1) ?? Self.numbers(file.text("0018|0050"), count: 1))?.first.map(abs)
        storedType = file.voxelType
        componentCount = file.componentCount
        guard abs(norm(directions.0) - 1) < 0.01, abs(norm(directions.1) - 1) < 0.01, abs(dot(directions.0, directions.1)) < 0.01 else { return nil }
    }

    /// Numbers separated by backslashes.
    private static func numbers(_ text: String?, count: Int) -> [Double]? {
        guard let text else { return nil }
        let numbers = text.split(separator: "\\").compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
        return numbers.count == count && numbers.allSatisfy(\.isFinite) ? numbers : nil
    }
}
