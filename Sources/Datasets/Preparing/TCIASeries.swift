import Foundation

/// DICOM series of TCIA's COVID-19 volumes as the NBIA Data Retriever lays them out: `…/volume-covid19-A-0705/MM-DD-YYYY-study/series/1-001.dcm`,
/// with the name of the volume that the published split would know.
///
/// The published names tell a patient's only volume by the patient, several of one study by `_0`, `_1`, …, and those of several days by
/// `_dayNNN`, the days since the first. Which series is which among several of one study is not published: they are counted in the order
/// of their folders' names.
struct TCIASeries: Equatable {
    var folder: URL
    /// The name of the volume, with its ending.
    var name: String

    /// The series in a folder and below, by name.
    static func find(in source: URL) -> [TCIASeries] {
        let files = FileManager.default.enumerator(at: source, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
        let folders = Set(
            (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension.lowercased() == "dcm" }.map { $0.deletingLastPathComponent() })
        let found = folders.compactMap(Found.init)
        return Dictionary(grouping: found, by: \.patient).values.flatMap(named).sorted { $0.name < $1.name }
    }

    /// A folder with what its path tells.
    private struct Found {
        var folder: URL
        var patient: String
        var day: Date?

        init?(_ folder: URL) {
            let parts = folder.pathComponents
            guard let index = parts.lastIndex(where: { $0.wholeMatch(of: /volume-covid19-A-\d{4}/) != nil }) else { return nil }
            self.folder = folder
            patient = parts[index]
            let study = index + 1 < parts.count ? parts[index + 1] : ""
            guard let match = study.prefixMatch(of: /(\d\d)-(\d\d)-(\d{4})/) else { return }
            day = DateComponents(calendar: TCIASeries.calendar, year: Int(match.3), month: Int(match.1), day: Int(match.2)).date
        }
    }

    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }

    /// The series of one patient with their names.
    private static func named(_ found: [Found]) -> [TCIASeries] {
        let days = Set(found.compactMap(\.day))
        let first = days.min()
        let byDay = Dictionary(grouping: found) { $0.day.flatMap { day in first.map { Int((day.timeIntervalSince($0) / 86400).rounded()) } } ?? 0 }
        return byDay.flatMap { day, series in
            series.sorted { $0.folder.path < $1.folder.path }.enumerated().map { position, one in
                var name = one.patient
                if days.count > 1 { name += "_day" + String(repeating: "0", count: max(0, 3 - "\(day)".count)) + "\(day)" }
                if series.count > 1, days.count < 2 || position > 0 { name += "_\(position)" }
                return TCIASeries(folder: one.folder, name: name + ".nii.gz")
            }
        }
    }
}
