import Foundation

/// Slices in order along their normal, checked to be evenly spaced.
struct SliceStack {
    var slices: [DICOMSlice]
    var grid: VoxelGrid
    var warnings: [ImageWarning] = []

    /// - Parameters:
    ///   - isSame: whether two images hold the same voxels; asked about images at one place.
    /// - Throws: ``ImageError/series(path:reason:)`` naming the places where slices are missing, doubled or unevenly spaced.
    init(_ group: DICOMGroup, path: String, isSame: (DICOMSlice, DICOMSlice) throws(ImageError) -> Bool) throws(ImageError) {
        let sorted = group.slices.sorted { ($0.distance, $0.path) < ($1.distance, $1.path) }
        var warnings: [ImageWarning] = []
        slices = try Self.withoutDuplicates(Self.oneAcquisition(sorted, &warnings), path: path, isSame: isSame, &warnings)
        try Self.checkGaps(slices, path: path)
        let column = Self.step(slices, &warnings)
        try Self.checkLine(slices, step: column, path: path)
        let first = slices[0]
        let flip = ForeignFile.flipped
        grid = VoxelGrid(
            shape: SIMD3(first.size.x, first.size.y, slices.count),
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

    private static func checkGaps(_ slices: [DICOMSlice], path: String) throws(ImageError) {
        let gaps = zip(slices, slices.dropFirst()).map { $1.distance - $0.distance }
        guard gaps.count > 1 else { return }
        let usual = gaps.sorted()[(gaps.count - 1) / 2]
        let odd = gaps.indices.filter { abs(gaps[$0] - usual) > max(0.02 * usual, 0.011) }
        guard !odd.isEmpty else { return }
        let places = odd.prefix(3).map { "between \(place(slices[$0])) and \(place(slices[$0 + 1])) (\(number(gaps[$0])) mm)" }.joined(
            separator: ", ")
        let more = odd.count > 3 ? ", and at \(odd.count - 3) more places" : ""
        let missing = odd.map { gaps[$0] / usual }
        if missing.allSatisfy({ $0 > 1.5 && abs($0 - $0.rounded()) < 0.1 }) {
            let count = missing.map { Int($0.rounded()) - 1 }.reduce(0, +)
            throw .series(
                path: path, reason: "\(count) slices are missing \(places)\(more), where slices are \(number(usual)) mm apart; fetch the series again"
            )
        }
        throw .series(
            path: path,
            reason: "its slices are unevenly spaced: most are \(number(usual)) mm apart, but not \(places)\(more); resample the series evenly first")
    }

    /// The step from slice to slice, and a warning when it is not square to the slices.
    private static func step(_ slices: [DICOMSlice], _ warnings: inout [ImageWarning]) -> SIMD3<Double> {
        let (first, last) = (slices[0], slices[slices.count - 1])
        guard slices.count > 1 else {
            warnings.append(ImageWarning(.slices, "there is a single slice: \(number(first.thickness ?? 1)) mm is taken as its thickness"))
            return first.normal * (first.thickness ?? 1)
        }
        let step = (last.position - first.position) / Double(slices.count - 1)
        let cosine = min(1, dot(step, first.normal) / (norm(step) * norm(first.normal)))
        let angle = acos(cosine) * 180 / .pi
        if angle > 0.05 {
            warnings.append(
                ImageWarning(.slices, "the gantry was tilted by \(number(angle))°: the slices are placed where they lie, on a sheared grid"))
        }
        return step
    }

    /// Refuses slices that lie off the line through the first and last by more than half a voxel.
    private static func checkLine(_ slices: [DICOMSlice], step: SIMD3<Double>, path: String) throws(ImageError) {
        for (index, slice) in slices.enumerated() {
            let offset = norm(slice.position - slices[0].position - Double(index) * step)
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
    private static func number(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
}
