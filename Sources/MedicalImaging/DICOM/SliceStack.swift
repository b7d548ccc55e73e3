import Foundation

/// Slices in order along their normal, checked to be evenly spaced or to be resampled so.
struct SliceStack {
    var slices: [DICOMSlice]
    var grid: VoxelGrid
    var warnings: [ImageWarning] = []
    /// For every slice of the grid where it lies among `slices`: a whole number, or between two, which are then mixed.
    var places: [Double]

    /// - Parameters:
    ///   - resamples: whether slices that are missing or unevenly spaced are made up for, with a warning.
    ///   - isSame: whether two images hold the same voxels; asked about images at one place.
    /// - Throws: ``ImageError/series(path:reason:)`` naming the places where slices are missing, doubled or unevenly spaced.
    init(
        _ group: DICOMGroup, path: String, resamples: Bool = false, isSame: (DICOMSlice, DICOMSlice) throws(ImageError) -> Bool
    ) throws(ImageError) {
        let sorted = group.slices.sorted { ($0.distance, $0.path) < ($1.distance, $1.path) }
        var warnings: [ImageWarning] = []
        slices = try Self.withoutDuplicates(Self.oneAcquisition(sorted, &warnings), path: path, isSame: isSame, &warnings)
        let spacing = SliceSpacing(slices.map(\.distance))
        if !spacing.isEven { try Self.accept(spacing, path: path, resamples: resamples, &warnings) }
        places = spacing.isEven ? slices.indices.map(Double.init) : spacing.even
        let column = Self.step(slices, count: places.count, &warnings)
        try Self.checkLine(slices, step: column, isEven: spacing.isEven, path: path)
        let first = slices[0]
        let flip = ForeignFile.flipped
        grid = VoxelGrid(
            shape: SIMD3(first.size.x, first.size.y, places.count),
            affine: Affine(
                columns: flip(first.directions.0 * first.spacing.x), flip(first.directions.1 * first.spacing.y), flip(column),
                translation: flip(first.position)))
        self.warnings = warnings
    }

    /// Slices closer than this, in mm, lie at the same place.
    private static let samePlace = 1e-3

    /// Of several acquisitions of the same places in one series, the one with most slices.
    private static func oneAcquisition(_ sorted: [DICOMSlice], _ warnings: inout [ImageWarning]) -> [DICOMSlice] {
        let overlaps = zip(sorted, sorted.dropFirst()).contains { $1.distance - $0.distance < samePlace && $0.acquisition != $1.acquisition }
        guard overlaps else { return sorted }
        let acquisitions = Dictionary(grouping: sorted, by: \.acquisition)
        guard let chosen = acquisitions.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else { return sorted }
        warnings.append(
            ImageWarning(
                .choice,
                "the series holds \(acquisitions.count) acquisitions of the same places: number \(chosen.key) with \(chosen.value.count) slices is read"
            ))
        return chosen.value
    }

    private static func withoutDuplicates(
        _ sorted: [DICOMSlice], path: String, isSame: (DICOMSlice, DICOMSlice) throws(ImageError) -> Bool, _ warnings: inout [ImageWarning]
    ) throws(ImageError) -> [DICOMSlice] {
        var kept: [DICOMSlice] = []
        var dropped: [DICOMSlice] = []
        for slice in sorted {
            guard let last = kept.last, slice.distance - last.distance < samePlace else {
                kept.append(slice)
                continue
            }
            guard try isSame(last, slice) else {
                throw .series(
                    path: path,
                    reason: "two different images lie at \(place(slice)): \(name(last)) and \(name(slice)); remove one of them")
            }
            dropped.append(slice)
        }
        if let slice = dropped.first {
            warnings.append(
                ImageWarning(.slices, "\(dropped.count) slices occur twice and were taken once, the first at \(place(slice)): \(name(slice))"))
        }
        return kept
    }

    /// Refuses uneven slices, or takes note that they are resampled.
    private static func accept(_ spacing: SliceSpacing, path: String, resamples: Bool, _ warnings: inout [ImageWarning]) throws(ImageError) {
        guard spacing.isFillable else {
            throw .series(path: path, reason: "\(spacing.fault(limit: 3)): too wide a gap to be filled; fetch the series again")
        }
        guard resamples else {
            throw .series(
                path: path,
                reason: "\(spacing.fault(limit: 3)); fetch the series again, or have it resampled onto evenly spaced slices: --resample-uneven")
        }
        let made = spacing.even.count { $0 != $0.rounded() }
        warnings.append(
            ImageWarning(
                .slices,
                "\(spacing.fault(limit: 8)): resampled linearly along the slice axis onto \(spacing.even.count) evenly spaced slices, "
                    + "\(made) of which are mixed from their neighbours; labels and measurements lie on that grid, not on the slices"))
    }

    /// The step from slice to slice, and a warning when it is not square to the slices.
    private static func step(_ slices: [DICOMSlice], count: Int, _ warnings: inout [ImageWarning]) -> SIMD3<Double> {
        let (first, last) = (slices[0], slices[slices.count - 1])
        guard slices.count > 1 else {
            warnings.append(ImageWarning(.slices, "there is a single slice: \(number(first.thickness ?? 1)) mm is taken as its thickness"))
            return first.normal * (first.thickness ?? 1)
        }
        let step = (last.position - first.position) / Double(count - 1)
        let cosine = min(1, dot(step, first.normal) / (norm(step) * norm(first.normal)))
        let angle = acos(cosine) * 180 / .pi
        if angle > 0.05 {
            warnings.append(
                ImageWarning(.slices, "the gantry was tilted by \(number(angle))°: the slices are placed where they lie, on a sheared grid"))
        }
        return step
    }

    /// Refuses slices that lie off the line through the first and last by more than half a voxel.
    private static func checkLine(_ slices: [DICOMSlice], step: SIMD3<Double>, isEven: Bool, path: String) throws(ImageError) {
        let stride = dot(step, slices[0].normal)
        for (index, slice) in slices.enumerated() {
            let steps = isEven ? Double(index) : (slice.distance - slices[0].distance) / stride
            let offset = norm(slice.position - slices[0].position - steps * step)
            guard offset <= 0.5 * slice.spacing.min() + 0.02 * norm(step) else {
                throw .series(
                    path: path,
                    reason:
                        "the slice at \(place(slice)) lies \(number(offset)) mm off the line through the others (\(name(slice))); is it of another series?"
                )
            }
        }
    }

    private static func place(_ slice: DICOMSlice) -> String { "\(number(slice.distance)) mm" }
    private static func name(_ slice: DICOMSlice) -> String { URL(filePath: slice.path).lastPathComponent }
    private static func number(_ value: Double) -> String { SliceSpacing.text(value) }
}
