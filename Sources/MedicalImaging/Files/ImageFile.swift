import Foundation

/// Volumes in files: read and written by content and name, whatever the format.
public enum ImageFile {
    /// The image in a file, or in a folder with a DICOM series, as Hounsfield units in single precision.
    ///
    /// The format is told by the content; a name ending in `.gz` means nothing. Voxels that are not finite are replaced and a
    /// warning says so.
    public static func read(_ url: URL, options: ReadOptions = ReadOptions()) throws(ImageError) -> LoadedImage {
        var (source, volume, warnings) = try readVoxels(url, options: options)
        let check = volume.voxels.withUnsafeBufferPointer { IntensityCheck($0) }
        guard check.notFiniteCount < volume.voxels.count else {
            throw .unsupported(path: url.path(percentEncoded: false), reason: "not one voxel is a finite number")
        }
        if let warning = IntensityCheck.mend(&volume, found: check) { warnings.append(warning) }
        if options.checksIntensities { warnings += check.warnings }
        warnings += GeometryCheck.warnings(for: volume.grid)
        source.grid = volume.grid
        return LoadedImage(volume: volume, source: source, warnings: warnings)
    }

    /// The label map in a file. Voxels that are no integers from 0 to 255 are refused by value and place.
    public static func readLabels(_ url: URL) throws(ImageError) -> (labels: LabelMap, source: ImageSource) {
        let image: (grid: VoxelGrid, source: ImageSource, labels: Result<[UInt8], StoredVoxels.NotALabel>)
        switch try open(url, options: ReadOptions(checksIntensities: false)) {
        case .nifti(let content): image = (content.grid, source(of: content, url: url), content.voxels.labels())
        case .foreign(let content, let format):
            image = (content.grid, source(of: content, format: format, url: url), content.voxels.labels())
        case .dicom:
            throw .unsupported(path: url.path(percentEncoded: false), reason: "labels are read from NIfTI, NRRD or MetaImage, not from DICOM")
        }
        switch image.labels {
        case .success(let voxels): return (LabelMap(grid: image.grid, voxels: voxels), image.source)
        case .failure(let failure):
            throw .notALabel(path: url.path(percentEncoded: false), value: failure.value, voxel: image.grid.voxel(at: failure.index))
        }
    }

    /// Whether `url` is a folder.
    static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path(percentEncoded: false), isDirectory: &isFolder) && isFolder.boolValue
    }

    /// A file name without the endings that formats give it, `.gz` included.
    package static func stem(of name: String) -> String {
        var stem = name
        if stem.lowercased().hasSuffix(".gz") { stem.removeLast(3) }
        for ending in [".nii", ".hdr", ".img", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm"] where stem.lowercased().hasSuffix(ending) {
            stem.removeLast(ending.count)
            break
        }
        return stem
    }

    private static func readVoxels(
        _ url: URL, options: ReadOptions
    ) throws(ImageError) -> (source: ImageSource, volume: Volume<Float>, warnings: [ImageWarning]) {
        switch try open(url, options: options) {
        case .nifti(let content):
            (source(of: content, url: url), Volume(grid: content.grid, voxels: content.voxels.floats()), content.warnings)
        case .foreign(let content, let format):
            (
                source(of: content, format: format, url: url), Volume(grid: content.grid, voxels: content.voxels.floats()), content.warnings
            )
        case .dicom(let content):
            (
                ImageSource(format: .dicom, url: url, grid: content.grid, storedType: content.storedType, series: content.series, nifti: nil),
                Volume(grid: content.grid, voxels: content.voxels), content.warnings
            )
        }
    }

    /// A file whose format is known.
    private enum Opened {
        case nifti(NIfTIReader.Content)
        case foreign(ForeignReader.Content, ImageFormat)
        case dicom(DICOMReader.Content)
    }

    private static func open(_ url: URL, options: ReadOptions) throws(ImageError) -> Opened {
        let path = url.path(percentEncoded: false)
        guard !isFolder(url) else { return .dicom(try DICOMReader(url: url).readFolder(options)) }
        let header = headerURL(url)
        let file = try AtomicFile.read(header)
        if let format = ForeignReader.format(of: file) { return .foreign(try ForeignReader(url: url).read(format, from: file), format) }
        if DICOMReader.recognises(file) { return .dicom(try DICOMReader(url: url).readFile()) }
        guard NIfTIReader.recognises(file) else { throw .unknownFormat(path: path, found: describe(file)) }
        return .nifti(try NIfTIReader(url: header).read(file))
    }

    /// The header of the pair that a `.img` file belongs to, or the file itself.
    private static func headerURL(_ url: URL) -> URL {
        let name = url.lastPathComponent
        guard name.lowercased().hasSuffix(".img") || name.lowercased().hasSuffix(".img.gz") else { return url }
        for ending in [".hdr", ".hdr.gz", ".HDR"] {
            let header = url.deletingLastPathComponent().appending(path: stem(of: name) + ending)
            if FileManager.default.fileExists(atPath: header.path(percentEncoded: false)) { return header }
        }
        return url
    }

    private static func source(of content: NIfTIReader.Content, url: URL) -> ImageSource {
        ImageSource(
            format: .nifti, url: url, grid: content.grid, storedType: content.header.voxelType ?? .float32, series: nil, nifti: content.header)
    }

    private static func source(of content: ForeignReader.Content, format: ImageFormat, url: URL) -> ImageSource {
        ImageSource(format: format, url: url, grid: content.grid, storedType: content.voxels.type, series: nil, nifti: nil)
    }

    /// What a file seems to be, for a message.
    private static func describe(_ file: Data) -> String {
        if Gzip.isGzip(file) { return "gzip data without a NIfTI header, or cut short" }
        if file.starts(with: [0x50, 0x4B, 3, 4]) { return "a zip archive; unpack it first" }
        if file.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "a PNG picture" }
        if file.prefix(512).allSatisfy({ (32..<127).contains($0) || [9, 10, 13].contains($0) }) {
            return "text: \"\(String(decoding: file.prefix(40), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "")…\""
        }
        return "\(file.count) bytes that start with \(file.prefix(4).map { String($0, radix: 16) }.joined(separator: " "))"
    }
}
