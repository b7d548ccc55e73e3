import Foundation

/// How a file name tells its patient, so that no patient ends up on both sides of a split.
public struct PatientKey: Sendable, Equatable {
    /// Regular expressions that are tried in turn on the name of the image without folders; the first group, or the whole match, is the patient.
    public let patterns: [String]
    private let isDefault: Bool

    /// The patients of the TCIA COVID-19 volumes (`volume-covid19-A-0705_day043.nii.gz`: `0705`) and of BTCV (`img0007.nii.gz`: `0007`); any other
    /// file is a patient of its own.
    public static let standard = PatientKey(
        patterns: [#"^volume-covid19-A-(\d+)"#, #"^(?:img|label)(\d+)"#], isDefault: true)

    private init(patterns: [String], isDefault: Bool) {
        self.patterns = patterns
        self.isDefault = isDefault
    }

    /// A key of one's own.
    /// - Throws: `DatasetError.patient` when `pattern` is no regular expression.
    public init(pattern: String) throws(DatasetError) {
        do { _ = try Regex(pattern) } catch {
            throw .patient(name: "the data", reason: "'\(pattern)' is no regular expression: \(error)")
        }
        self.init(patterns: [pattern], isDefault: false)
    }

    /// The patients of `paths`, in order.
    /// - Throws: `DatasetError.patient` naming the first file that a pattern of one's own does not match.
    public func patients(of paths: [String]) throws(DatasetError) -> [String] {
        // Checked on construction.
        let expressions = patterns.compactMap { try? Regex($0) }
        var patients: [String] = []
        for path in paths {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            guard let patient = expressions.lazy.compactMap({ Self.match($0, in: name) }).first ?? (isDefault ? VolumeName.stem(name) : nil) else {
                throw .patient(name: name, reason: "the pattern '\(patterns[0])' does not match; change it or rename the file")
            }
            patients.append(patient)
        }
        return patients
    }

    private static func match(_ expression: Regex<AnyRegexOutput>, in name: String) -> String? {
        guard let match = try? expression.firstMatch(in: name) else { return nil }
        let group = match.output.count > 1 ? match.output[1].substring : nil
        return String(group ?? name[match.range])
    }
}

/// What names of volume files look like.
package enum VolumeName {
    private static let endings = [".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd"]

    /// The name without the ending of a volume format.
    package static func stem(_ name: String) -> String {
        let lower = name.lowercased()
        return endings.first(where: lower.hasSuffix).map { String(name.dropLast($0.count)) } ?? name
    }

    /// Whether the name has such an ending.
    package static func isVolume(_ name: String) -> Bool { !name.hasPrefix(".") && stem(name) != name }
}
