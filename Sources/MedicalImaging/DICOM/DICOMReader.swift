import CImageIO
import Foundation

/// Reads a volume from a folder of DICOM files, or from one file.
struct DICOMReader {
    let url: URL
    private var path: String { url.path(percentEncoded: false) }

    struct Content {
        var grid: VoxelGrid
        var voxels: [Float]
        var series: DICOMSeries
        var storedType: VoxelType
        var warnings: [ImageWarning]
    }

    /// Whether the content of a file is DICOM.
    static func recognises(_ file: Data) -> Bool {
        file.count >= 132 && Array(file.dropFirst(128).prefix(4)) == Array("DICM".utf8)
    }

    /// The volume of a series: the one asked for, or one chosen by rule, which a warning explains.
    func readFolder(_ options: ReadOptions) throws(ImageError) -> Content {
        var warnings: [ImageWarning] = []
        let (slices, skipped) = try headers(&warnings)
        let damaged = warnings
        if skipped > 0 {
            warnings.append(ImageWarning(.choice, "\(skipped) DICOM files of the folder are no images with a place in the patient and were left out"))
        }
        let groups = DICOMGroup.grouping(slices)
        let group = try choose(groups, wanted: options.series, &warnings)
        guard !group.isColour else { throw .series(path: path, reason: "series \(group.identifier) holds colour images, expected CT") }
        let stack = try stack(group, resamples: options.resamplesUnevenSlices, damaged)
        return Content(
            grid: stack.grid, voxels: try voxels(of: stack), series: DICOMGroup(slices: stack.slices).series,
            storedType: stack.slices[0].storedType ?? .int16, warnings: warnings + stack.warnings)
    }

    /// The slices of a series in their places; where they make no volume and files were damaged, the error says so, for that may be why.
    private func stack(_ group: DICOMGroup, resamples: Bool, _ damaged: [ImageWarning]) throws(ImageError) -> SliceStack {
        do throws(ImageError) {
            return try SliceStack(group, path: path, resamples: resamples) { (one, other) throws(ImageError) in
                try Self.floats(one) == Self.floats(other)
            }
        } catch {
            guard case .series(_, let reason) = error, let first = damaged.first else { throw error }
            throw .series(path: path, reason: "\(reason) (\(first.message)\(damaged.count > 1 ? ", and \(damaged.count - 1) more" : ""))")
        }
    }

    /// The volume in one file: a single slice, or all frames of an enhanced image.
    func readFile() throws(ImageError) -> Content {
        let file = try Self.open(path)
        guard let slice = DICOMSlice(file), file.size(2) == 1 else {
            guard file.size(2) > 1 else { throw .unsupported(path: path, reason: "its header does not say where in the patient the image lies") }
            let voxels = try file.voxels()
            let series = DICOMSeries(
                identifier: file.text("0020|000e") ?? "unknown", description: file.text("0008|103e") ?? "", modality: file.text("0008|0060") ?? "",
                sliceCount: file.size(2))
            return Content(
                grid: VoxelGrid(shape: file.shape, affine: file.affine), voxels: voxels.floats(), series: series, storedType: voxels.type,
                warnings: [])
        }
        let stack = try SliceStack(DICOMGroup(slices: [slice]), path: path) { (_, _) in true }
        return Content(
            grid: stack.grid, voxels: try voxels(of: stack), series: DICOMGroup(slices: [slice]).series, storedType: slice.storedType ?? .int16,
            warnings: stack.warnings)
    }

    /// The headers of all images in the folder and below it, and the number of DICOM files that are no placed images.
    private func headers(_ warnings: inout [ImageWarning]) throws(ImageError) -> (slices: [DICOMSlice], skipped: Int) {
        guard let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
        else {
            throw .unreadable(path: path, reason: "the folder cannot be listed")
        }
        var slices: [DICOMSlice] = []
        var skipped = 0
        var others = 0
        let paths = files.compactMap { ($0 as? URL)?.path(percentEncoded: false) }.sorted()
        for candidate in paths where !ImageFile.isFolder(URL(filePath: candidate)) {
            guard Self.isDICOM(candidate) else {
                others += 1
                continue
            }
            guard URL(filePath: candidate).lastPathComponent.uppercased() != "DICOMDIR" else { continue }
            do throws(ImageError) {
                if let slice = DICOMSlice(try Self.open(candidate)) { slices.append(slice) } else { skipped += 1 }
            } catch {
                if case .unsupported = error { skipped += 1 } else { warnings.append(ImageWarning(.slices, "left out: \(error)")) }
            }
        }
        guard !slices.isEmpty else {
            let found = paths.isEmpty ? "it is empty" : "\(skipped) DICOM files without images and \(others) other files were found"
            throw .series(path: path, reason: found)
        }
        return (slices, skipped)
    }

    /// Whether a file starts as DICOM files do.
    private static func isDICOM(_ path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        return recognises((try? handle.read(upToCount: 132)) ?? Data())
    }

    private func choose(_ groups: [DICOMGroup], wanted: String?, _ warnings: inout [ImageWarning]) throws(ImageError) -> DICOMGroup {
        let all = groups.map(\.summary).joined(separator: "; ")
        if let wanted {
            let matching = groups.filter { $0.identifier == wanted || $0.identifier.hasSuffix(wanted) }
            let identifiers = Set(matching.map(\.identifier))
            guard identifiers.count == 1, let group = matching.first else {
                throw .series(path: path, reason: "\(identifiers.count) series match \"\(wanted)\", expected one of: \(all)")
            }
            return group
        }
        let candidates = groups.filter { !$0.slices[0].isLocalizer }
        guard let group = candidates.first else {
            throw .series(path: path, reason: "it holds localizers only, no volume: \(all)")
        }
        let localizers = groups.filter { $0.slices[0].isLocalizer }.map(\.slices.count).reduce(0, +)
        if localizers > 0 { warnings.append(ImageWarning(.choice, "\(localizers) localizer images were left out")) }
        if candidates.count > 1 {
            warnings.append(
                ImageWarning(
                    .choice,
                    "the folder holds \(candidates.count) stacks of slices; read was \(group.summary) by the rule: most slices, then CT, axial, as "
                        + "acquired. Name a series to read another: " + candidates.dropFirst().map(\.summary).joined(separator: "; ")))
        }
        return group
    }

    /// A DICOM file that was found to be whole.
    private static func open(_ path: String) throws(ImageError) -> ForeignFile {
        let file = try AtomicFile.read(URL(filePath: path))
        do throws(DICOMStructure.Fault) { try DICOMStructure.check(file) } catch {
            throw error == .noImage ? .unsupported(path: path, reason: error.reason) : .damaged(path: path, reason: error.reason)
        }
        return try ForeignFile(path, format: CIMAGEIO_DICOM)
    }

    /// One slice in HU: every slice has its own rescale.
    private static func floats(_ slice: DICOMSlice) throws(ImageError) -> [Float] {
        try open(slice.path).voxels().floats()
    }

    private func voxels(of stack: SliceStack) throws(ImageError) -> [Float] {
        try AvailableMemory.require(AvailableMemory.needed(forVoxels: stack.grid.count, storedIn: .float32), for: path)
        var voxels: [Float] = []
        voxels.reserveCapacity(stack.grid.count)
        let perSlice = stack.grid.shape.x * stack.grid.shape.y
        var known: [Int: [Float]] = [:]
        func slice(_ index: Int) throws(ImageError) -> [Float] {
            if let values = known[index] { return values }
            let values = try Self.floats(stack.slices[index])
            guard values.count == perSlice else {
                throw .damaged(path: stack.slices[index].path, reason: "it holds \(values.count) voxels, expected \(perSlice)")
            }
            known[index] = values
            return values
        }
        for place in stack.places {
            let lower = Int(place)
            known = known.filter { $0.key >= lower }
            let share = Float(place - Double(lower))
            let values = try slice(lower)
            guard share > 0 else {
                voxels += values
                continue
            }
            let next = try slice(lower + 1)
            voxels += zip(values, next).map { $0 + share * ($1 - $0) }
        }
        return voxels
    }
}
