import CommandSupport
import Foundation
import MedicalImaging

/// What there is to say about a volume.
struct VolumeInspection: Encodable {
    struct Label: Encodable {
        var label: UInt8
        /// The organ of that label, when the labels are those of the thirteen organs.
        var name: String?
        var voxels: Int
        /// In mL.
        var volume: Double
    }

    struct Intensities: Encodable {
        var minimum: Float
        var median: Float
        var maximum: Float
    }

    var kind = "volume"
    var path: String
    var format: String
    var storedType: String
    var series: String?
    var shape: [Int]
    /// In mm.
    var spacing: [Double]
    var orientation: String?
    /// Voxel indices to RAS mm, three rows of four.
    var affine: [Double]
    var intensities: Intensities
    /// The labels, when all voxels are small whole numbers.
    var labels: [Label]?
    var warnings: [String]

    static func of(_ url: URL, options: ReadOptions) throws -> VolumeInspection {
        let image = try ImageFile.read(url, options: options)
        let grid = image.volume.grid
        let labels = labels(of: image.volume)
        // A label map is no CT: nobody wants to hear that it has no Hounsfield units.
        let warnings = image.warnings.filter { labels == nil || $0.kind != .intensity }
        return VolumeInspection(
            path: url.path, format: image.source.format.rawValue, storedType: "\(image.source.storedType)",
            series: image.source.series.map { "\($0.description) (\($0.modality), \($0.sliceCount) slices, \($0.identifier))" },
            shape: (0..<3).map { grid.shape[$0] }, spacing: (0..<3).map { grid.spacing[$0] }, orientation: grid.orientation?.code,
            affine: grid.affine.rowMajor, intensities: intensities(of: image.volume), labels: labels, warnings: warnings.map(\.message))
    }

    /// The inspection as a table.
    var text: String {
        var table = TextTable([("", .left), ("", .left)])
        table.append(["Format", "\(format), \(storedType)"])
        if let series { table.append(["Series", series]) }
        table.append(["Size", shape.map(String.init).joined(separator: " × ") + " voxels"])
        table.append(["Spacing", numbers(spacing, "%.3f", " × ") + " mm"])
        table.append(["Extent", numbers(zip(shape, spacing).map { Double($0) * $1 }, "%.0f", " × ") + " mm"])
        table.append(["Orientation", orientation ?? "none: the affine is singular"])
        for row in 0..<3 { table.append([row == 0 ? "Affine" : "", numbers(Array(affine[row * 4..<row * 4 + 4]), "%10.4f", " ")]) }
        let range = [intensities.minimum, intensities.median, intensities.maximum].map { String(format: "%g", $0) }
        table.append([labels == nil ? "Intensities" : "Values", "\(range[0]) to \(range[2]), median \(range[1])"])
        for (position, entry) in (labels ?? []).enumerated() {
            let name = entry.name.map { " \($0)" } ?? ""
            table.append([position == 0 ? "Labels" : "", String(format: "%d%@: %.1f mL", Int(entry.label), name, entry.volume)])
        }
        return table.text
    }

    private func numbers(_ values: [Double], _ format: String, _ separator: String) -> String {
        values.map { String(format: format, $0) }.joined(separator: separator)
    }

    private static func intensities(of volume: Volume<Float>) -> Intensities {
        let step = max(1, volume.voxels.count / 1_000_000)
        let sample = stride(from: 0, to: volume.voxels.count, by: step).map { volume.voxels[$0] }.sorted()
        let (low, high) = volume.voxels.withUnsafeBufferPointer { voxels in
            voxels.reduce((Float.infinity, -Float.infinity)) { (min($0.0, $1), max($0.1, $1)) }
        }
        return Intensities(minimum: low, median: sample[sample.count / 2], maximum: high)
    }

    /// The labels of a volume of whole numbers from 0 to 255 with fewer than 130 different values.
    private static func labels(of volume: Volume<Float>) -> [Label]? {
        var counts = [Int](repeating: 0, count: 256)
        for value in volume.voxels {
            guard let label = UInt8(exactly: value) else { return nil }
            counts[Int(label)] += 1
        }
        let present = counts.indices.filter { counts[$0] > 0 }
        guard present.count < 130 else { return nil }
        let areOrgans = present.allSatisfy { $0 <= 13 }
        return present.filter { $0 > 0 }.map { label in
            Label(
                label: UInt8(label), name: areOrgans ? Organ(rawValue: UInt8(label))?.name : nil, voxels: counts[label],
                volume: Double(counts[label]) * volume.grid.voxelVolume / 1000)
        }
    }
}
