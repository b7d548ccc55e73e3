import Foundation

/// The formats of volumes, as file names tell them.
enum VolumeFormat: String, CaseIterable, Sendable {
    case nifti, niftiPair, nrrd, metaImage

    /// The endings of file names, the preferred one first.
    var endings: [String] {
        switch self {
        case .nifti: [".nii.gz", ".nii"]
        case .niftiPair: [".hdr", ".hdr.gz"]
        case .nrrd: [".nrrd", ".nhdr"]
        case .metaImage: [".mha", ".mhd"]
        }
    }

    /// The format and the name without ending, or `nil` when no volume format has such an ending.
    static func parse(_ name: String) -> (format: VolumeFormat, ending: String, stem: String)? {
        let lower = name.lowercased()
        for format in allCases {
            for ending in format.endings where lower.hasSuffix(ending) && lower.count > ending.count {
                return (format, ending, String(name.dropLast(ending.count)))
            }
        }
        return nil
    }

    /// Whether files of this format are written; header-and-image pairs of NIfTI are read only.
    var isWritten: Bool { self != .niftiPair }

    /// All endings, for messages.
    static var listed: String { allCases.flatMap(\.endings).joined(separator: ", ") }
    /// The endings of what is written.
    static var writtenListed: String { allCases.filter(\.isWritten).flatMap(\.endings).joined(separator: ", ") }
}
