import Foundation

/// The file formats of volumes.
public enum ImageFormat: String, Sendable, CaseIterable {
    case nifti = "NIfTI"
    case dicom = "DICOM"
    case nrrd = "NRRD"
    case metaImage = "MetaImage"
}

/// A volume in HU as read from a file, with what is worth knowing about the reading.
public struct LoadedImage: Sendable {
    /// The voxels in HU after the file's rescale, and where they lie.
    public var volume: Volume<Float>
    /// What must survive to a file derived from this one.
    public var source: ImageSource
    /// What was odd about the file, for the user to read.
    public var warnings: [ImageWarning]

    public init(volume: Volume<Float>, source: ImageSource, warnings: [ImageWarning] = []) {
        self.volume = volume
        self.source = source
        self.warnings = warnings
    }
}

/// What must survive from an input file to the files derived from it.
public struct ImageSource: Sendable {
    /// The format of the file.
    public var format: ImageFormat
    /// The file, or the folder of a DICOM series.
    public var url: URL
    /// The grid that the voxels were given on reading.
    public var grid: VoxelGrid
    /// How the file stores a voxel.
    public var storedType: VoxelType
    /// The DICOM series that was read.
    public var series: DICOMSeries?
    /// The NIfTI header as stored: both affines with their codes, units, description.
    package var nifti: NIfTIHeader?
}

/// A series in a DICOM folder.
public struct DICOMSeries: Sendable, Equatable {
    /// SeriesInstanceUID (0020,000E).
    public var identifier: String
    /// SeriesDescription (0008,103E).
    public var description: String
    /// Modality (0008,0060).
    public var modality: String
    /// The number of slices used.
    public var sliceCount: Int

    public init(identifier: String, description: String, modality: String, sliceCount: Int) {
        self.identifier = identifier
        self.description = description
        self.modality = modality
        self.sliceCount = sliceCount
    }
}

/// Choices on reading.
public struct ReadOptions: Sendable {
    /// The SeriesInstanceUID, or the end of one, of the series to read from a DICOM folder; `nil` chooses by rule.
    public var series: String?
    /// Whether values that are no Hounsfield units are worth a warning; `false` for images that are not CT.
    public var checksIntensities: Bool
    /// Whether a DICOM series whose slices are unevenly spaced, or of which some are missing, is resampled linearly along the slice axis onto
    /// evenly spaced slices, with a warning that names the places; `false` refuses it.
    public var resamplesUnevenSlices: Bool

    public init(series: String? = nil, checksIntensities: Bool = true, resamplesUnevenSlices: Bool = false) {
        self.series = series
        self.checksIntensities = checksIntensities
        self.resamplesUnevenSlices = resamplesUnevenSlices
    }
}
