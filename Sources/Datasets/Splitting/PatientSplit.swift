/// Splits of a list of cases in which every patient lies on one side only.
///
/// Which side a patient gets depends on the seed and on the patients, never on the order of the list: patients are ranked by
/// SHA-256 of seed and name, and each goes where most cases are wanting.
public struct PatientSplit: Sendable {
    private let patients: [(patient: String, items: [DatalistItem])]
    private let count: Int

    /// - Throws: `DatasetError.patient` from the key.
    public init(_ items: [DatalistItem], key: PatientKey = .standard, seed: UInt64) throws(DatasetError) {
        let names = try key.patients(of: items.map(\.image))
        let groups = Dictionary(grouping: zip(names, items), by: \.0)
        let ranked = groups.keys.map { (rank: ContentHash.sha256(of: "\(seed)/\($0)"), name: $0) }.sorted { $0.rank < $1.rank }
        patients = ranked.map { _, name in (name, (groups[name] ?? []).map(\.1).sorted { $0.image < $1.image }) }
        count = items.count
    }

    /// The number of patients.
    public var patientCount: Int { patients.count }

    /// The items of each section, in proportion to `shares` (any positive numbers), sorted by image.
    /// - Throws: `DatasetError.split` when a section would stay empty.
    public func sections(_ shares: [(name: String, share: Double)]) throws(DatasetError) -> [(name: String, items: [DatalistItem])] {
        let total = shares.reduce(0) { $0 + $1.share }
        guard !shares.isEmpty, shares.allSatisfy({ $0.share > 0 && $0.share.isFinite }) else {
            throw .split(reason: "expected shares above 0, found \(shares.map { "\($0.name)=\($0.share)" }.joined(separator: ", "))")
        }
        guard Set(shares.map(\.name)).count == shares.count else { throw .split(reason: "a section is named twice: \(shares.map(\.name))") }
        let parts = distributed(targets: shares.map { $0.share / total * Double(count) })
        for (part, share) in zip(parts, shares) where part.isEmpty {
            throw .split(
                reason: "'\(share.name)' stays empty: \(patientCount) patients do not suffice for these shares; raise its share or add patients")
        }
        return zip(shares, parts).map { ($0.name, $1) }
    }

    /// `folds` parts of about equal size for cross-validation, each sorted by image.
    /// - Throws: `DatasetError.split` when there are fewer than two folds or fewer patients than folds.
    public func folds(_ folds: Int) throws(DatasetError) -> [[DatalistItem]] {
        guard folds >= 2, folds <= patientCount else {
            throw .split(reason: "expected 2 to \(patientCount) folds, one patient in each at least, found \(folds)")
        }
        return distributed(targets: [Double](repeating: Double(count) / Double(folds), count: folds))
    }

    private func distributed(targets: [Double]) -> [[DatalistItem]] {
        var wanting = targets
        var parts = [[DatalistItem]](repeating: [], count: targets.count)
        for (_, items) in patients {
            let place = wanting.indices.max { wanting[$0] < wanting[$1] || (wanting[$0] == wanting[$1] && $0 > $1) } ?? 0
            parts[place] += items
            wanting[place] -= Double(items.count)
        }
        return parts.map { $0.sorted { $0.image < $1.image } }
    }
}
