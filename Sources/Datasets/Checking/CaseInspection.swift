import Foundation
import MedicalImaging
import Preprocessing

/// Looks at the files of one case.
struct CaseInspection {
    let section: String
    let index: Int
    let item: DatalistItem
    let list: Datalist
    let labelNames: [UInt8: String]?
    /// A label that every map may hold.
    let ignoredLabel: UInt8?

    /// Reads image and label map and adds them to `summary`; the case is `nil` when its image cannot be read.
    func run(patient: String, into summary: inout CheckSummary) -> (CheckedCase?, [DatasetProblem]) {
        let image: LoadedImage
        do { image = try ImageFile.read(list.url(item.image)) } catch {
            return (nil, [unreadable(error, key: "image", file: item.image)])
        }
        let grid = image.volume.grid
        let histogram = IntensityHistogram(image.volume.voxels)
        var problems = image.warnings.map(problem)
        var found = CheckedCase(
            section: section, index: index, image: item.image, label: item.label, patient: patient, shape: [0, 1, 2].map { grid.shape[$0] },
            spacing: [0, 1, 2].map { grid.spacing[$0] }, orientation: grid.orientation?.description ?? "oblique",
            range: [Double(image.volume.voxels.min() ?? .nan), Double(image.volume.voxels.max() ?? .nan)],
            percentiles: CheckSummary.percentiles(of: histogram), labelVoxels: nil, contentHash: Self.hash(image.volume))
        if let label = item.label {
            do {
                let labels = try ImageFile.readLabels(list.url(label)).labels.reordered(like: grid)
                problems += gridProblems(labels.grid, image: grid, label: label)
                var counts = [Int](repeating: 0, count: 256)
                for value in labels.voxels { counts[Int(value)] += 1 }
                summary.add(labelVoxels: counts)
                found.labelVoxels = Dictionary(
                    uniqueKeysWithValues: counts.enumerated().filter { $0.element > 0 }.map { ("\($0.offset)", $0.element) })
                problems += labelProblems(found.labels, label: label)
            } catch {
                problems.append(unreadable(error, key: "label", file: label))
            }
        }
        summary.add(histogram, grid: grid, bytesPerStoredVoxel: image.source.storedType.size, hasLabels: item.label != nil)
        return (found, problems)
    }

    private func keyPath(_ key: String) -> String { "\(section)[\(index)].\(key)" }

    private func unreadable(_ error: ImageError, key: String, file: String) -> DatasetProblem {
        let isLabelValue = if case .notALabel = error { true } else { false }
        let isMissing = !FileManager.default.fileExists(atPath: list.url(file).path)
        let remedy =
            isLabelValue
            ? "write the label map as whole numbers 0…255"
            : isMissing ? "put the file there, correct the path or give the folder with --base" : "copy or convert the file again"
        return DatasetProblem(
            .error, isLabelValue ? .labelValue : .unreadable, keyPath: keyPath(key), file: file, message: "\(error)", remedy: remedy)
    }

    private func problem(_ warning: ImageWarning) -> DatasetProblem {
        let place = keyPath("image")
        return switch warning.kind {
        case .notFinite:
            DatasetProblem(
                .error, .notFinite, keyPath: place, file: item.image, message: warning.message, remedy: "convert the image again from its origin")
        case .intensity:
            DatasetProblem(
                .warning, .intensity, keyPath: place, file: item.image, message: warning.message,
                remedy: "make sure that the file holds Hounsfield units")
        case .geometry, .shear, .choice, .slices:
            DatasetProblem(
                .warning, .geometry, keyPath: place, file: item.image, message: warning.message,
                remedy: "look at image and label map one over the other")
        }
    }

    private func gridProblems(_ grid: VoxelGrid, image: VoxelGrid, label: String) -> [DatasetProblem] {
        func shape(_ grid: VoxelGrid) -> String { "\(grid.shape.x) × \(grid.shape.y) × \(grid.shape.z)" }
        let remedy = "resample the label map onto the image's grid"
        guard grid.shape == image.shape else {
            let message = "has \(shape(grid)) voxels, its image \(shape(image)): expected one grid"
            return [DatasetProblem(.error, .grid, keyPath: keyPath("label"), file: label, message: message, remedy: remedy)]
        }
        if image.coincides(with: grid) { return [] }
        let rounded = (image.greatestDistance(to: grid) * 100).rounded() / 100
        let message = "lies up to \(rounded) mm away from its image: expected one grid"
        return [DatasetProblem(.error, .grid, keyPath: keyPath("label"), file: label, message: message, remedy: remedy)]
    }

    private func labelProblems(_ labels: [UInt8], label: String) -> [DatasetProblem] {
        let known = item.labelled.map { Set($0) } ?? labelNames.map { Set($0.keys) } ?? Set(Organ.allCases.map(\.rawValue))
        let drawn = labels.filter { $0 != ignoredLabel }
        let strangers = drawn.filter { !known.contains($0) }
        if drawn.isEmpty {
            return [
                DatasetProblem(
                    .warning, .labelValue, keyPath: keyPath("label"), file: label, message: "holds background only",
                    remedy: "make sure that it is the right label map")
            ]
        }
        guard !strangers.isEmpty else { return [] }
        let source = item.labelled != nil ? "'labelled'" : labelNames != nil ? "the list's 'labels'" : "the thirteen organs"
        return [
            DatasetProblem(
                .error, .labelValue, keyPath: keyPath("label"), file: label,
                message: "holds the values \(strangers.map(String.init).joined(separator: ", ")), which are not among \(source)",
                remedy: "correct the label map, name the values in the list, or say that training ignores them (--ignored-label)")
        ]
    }

    /// SHA-256 of shape and voxels.
    private static func hash(_ volume: Volume<Float>) -> String {
        let hash = ContentHash()
        let shape = [Int64(volume.grid.shape.x), Int64(volume.grid.shape.y), Int64(volume.grid.shape.z)].map(\.littleEndian)
        shape.withUnsafeBytes { hash.update($0) }
        volume.voxels.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
