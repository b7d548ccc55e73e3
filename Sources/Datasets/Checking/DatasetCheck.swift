import Foundation
import MedicalImaging

/// Looks at every file of a data set before days of training depend on it. One case at a time is in memory.
public struct DatasetCheck: Sendable {
    /// What is expected of the data.
    public struct Options: Sendable {
        /// The sections to check; `nil`: all.
        public var sections: [String]?
        public var patientKey = PatientKey.standard
        /// Whether patients in several sections are only worth a warning.
        public var allowsSharedPatients = false
        /// The label whose voxels count for nothing in training (`loss.ignoredLabel`), which every map may hold; `nil`: none.
        public var ignoredLabel: UInt8?
        /// The spacing in mm of the cache to estimate.
        public var cacheSpacing = [1.5, 1.5, 2.0]
        /// The folder that relative paths start from; `nil`: the folder of the list.
        public var base: URL?

        public init() {}
    }

    private let list: DatalistFile
    private let options: Options
    private let labelNames: [UInt8: String]?
    private let sections: [(name: String, list: Datalist)]

    /// - Throws: `DatasetError.datalist` when the list itself cannot be used.
    public init(_ list: DatalistFile, options: Options = Options()) throws(DatasetError) {
        self.list = list
        self.options = options
        labelNames = try list.labelNames()
        let names = options.sections ?? list.sections
        guard !names.isEmpty else {
            throw .datalist(file: list.url.path, keyPath: "", reason: "has no sections; expected a list 'training', 'validation' or 'test'")
        }
        var sections: [(name: String, list: Datalist)] = []
        for name in names { sections.append((name, try list.section(name, base: options.base))) }
        self.sections = sections
    }

    /// The number of cases that a run looks at.
    public var caseCount: Int { sections.reduce(0) { $0 + $1.list.items.count } }

    /// Checks case after case.
    /// - Parameter onCase: called before each case with its image and its position.
    /// - Throws: `DatasetError.patient` from the patient key; whatever is wrong with the files becomes a problem of the report.
    public func run(onCase: (String, Int) -> Void = { _, _ in }) throws(DatasetError) -> DatasetReport {
        var summary = CheckSummary(labelNames: labelNames, cacheSpacing: options.cacheSpacing)
        var report = DatasetReport(
            file: list.url.path, sections: [], cases: [], labels: [], intensities: nil, memory: summary.memory, sharedPatients: [], problems: [])
        var patients: [(section: String, names: [String])] = []
        for (name, list) in sections {
            let names = try options.patientKey.patients(of: list.items.map(\.image))
            patients.append((name, names))
            report.sections.append(.init(name: name, items: list.items.count, patients: Set(names).count))
            for (index, item) in list.items.enumerated() {
                onCase(item.image, report.cases.count)
                let inspection = CaseInspection(
                    section: name, index: index, item: item, list: list, labelNames: labelNames, ignoredLabel: options.ignoredLabel)
                let (found, problems) = inspection.run(patient: names[index], into: &summary)
                report.problems += problems
                if let found { report.cases.append(found) }
            }
        }
        report.problems += Self.duplicates(report.cases) + repeatedPaths()
        (report.sharedPatients, report.problems) = shared(patients, report.problems)
        report.labels = summary.labels
        report.intensities = summary.intensities
        report.memory = summary.memory
        return report
    }

    /// Cases whose voxels are those of an earlier one.
    private static func duplicates(_ cases: [CheckedCase]) -> [DatasetProblem] {
        var seen: [String: CheckedCase] = [:]
        return cases.compactMap { found in
            guard let first = seen[found.contentHash] else {
                seen[found.contentHash] = found
                return nil
            }
            guard first.image != found.image else { return nil }
            return DatasetProblem(
                .error, .duplicate, keyPath: "\(found.section)[\(found.index)].image", file: found.image,
                message: "holds the same voxels as \(first.section)[\(first.index)], \(first.image)", remedy: "remove one of the two items")
        }
    }

    /// Items that name the image of an earlier one.
    private func repeatedPaths() -> [DatasetProblem] {
        var seen: [String: String] = [:]
        var problems: [DatasetProblem] = []
        for (name, list) in sections {
            for (index, item) in list.items.enumerated() {
                let place = "\(name)[\(index)]"
                let path = list.url(item.image).standardizedFileURL.path
                if let first = seen[path] {
                    problems.append(
                        DatasetProblem(
                            .error, .duplicate, keyPath: place + ".image", file: item.image, message: "is listed already at \(first)",
                            remedy: "remove one of the two items"))
                } else {
                    seen[path] = place
                }
            }
        }
        return problems
    }

    /// Patients on several sides; training would be judged by patients it has seen.
    private func shared(
        _ sections: [(section: String, names: [String])], _ problems: [DatasetProblem]
    ) -> (patients: [String], problems: [DatasetProblem]) {
        var homes: [String: Set<String>] = [:]
        for (section, names) in sections { for name in names { homes[name, default: []].insert(section) } }
        let patients = homes.filter { $0.value.count > 1 }.keys.sorted()
        guard !patients.isEmpty else { return ([], problems) }
        let examples = patients.prefix(5).joined(separator: ", ") + (patients.count > 5 ? " …" : "")
        let places = Set(patients.flatMap { homes[$0] ?? [] }).sorted().joined(separator: ", ")
        let problem = DatasetProblem(
            options.allowsSharedPatients ? .warning : .error, .sharedPatient, keyPath: places, file: list.url.lastPathComponent,
            message: "\(patients.count) \(patients.count == 1 ? "patient is" : "patients are") in several sections: \(examples)",
            remedy: "split by patient with 'viscera dataset split', or accept it with --allow-shared-patients")
        return (patients, problems + [problem])
    }
}
