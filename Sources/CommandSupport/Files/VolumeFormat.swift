import Foundation

/// The formats of volumes, as file names tell them.
package enum VolumeFormat: String, CaseIterable, Sendable {
    case nifti, niftiPair, nrrd, metaImage

    /// The endings of file names, the preferred one first.
    package var endings: [String] {
        switch self {
        case .nifti: [".nii.gz", ".nii"]
        case .niftiPair: [".hdr", ".hdr.gz"]
        case .nrrd: [".nrrd", ".nhdr"]
        case .metaImage: [".mha", ".mhd"]
        }
    }

    /// The format and the name without ending, or `nil` when no volume format has such an ending.
    package static func parse(_ name: String) -> (format: VolumeFormat, ending: String, stem: String)? {
        let lower = name.lowercased()
        for format in allCases {
            for ending in format.endings where lower.hasSuffix(ending) && lower.count > ending.count {
                return (format, ending, String(name.dropLast(ending.count)))
            }
        }
        return nil
    }

    /// Whether files of this format are written; header-and-image pairs of NIfTI are read only.
    package var isWritten: Bool { self != .niftiPair }

    /// All endings, for messages.
    package static var listed: String { allCases.flatMap(\.endings).joined(separator: ", ") }
    /// The endings of what is written.
    package static var writtenListed: String { allCases.filter(\.isWritten).flatMap(\.endings).joined(separator: ", ") }
}
