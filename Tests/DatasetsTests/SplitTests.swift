import Datasets
import Foundation
import Testing

@Suite struct SplitTests {
    /// SHA-256 of the published files' content as `json.dumps(…, sort_keys=True, separators=(",", ":"))` writes it in Python, and their counts.
    static let published: [(PublishedSplit, hash: String, counts: [String: Int])] = [
        (.tcia, "7930b931b33c62dc99b1ac66be9ed6993b8ee648fdc168bacd03829a4f67222e", ["training": 600, "validation": 171]),
        (.btcv, "cf6e9e4d056b8460b5cc0f1315b175e03647f4c80bd951d7a9eaaad64469ca14", ["training": 24, "validation": 6, "test": 20]),
        (.btcv6, "208856d5f02cad34add6a9b6092ad375079a223117bc6feb65c78cfd2212f040", ["training": 6, "validation": 6, "test": 20]),
        (.btcv12, "2ec3c3ea570dfd2b248d89f245c34c0dea86325e958054f866da5d43e64a8656", ["training": 12, "validation": 6, "test": 20]),
    ]

    @Test func publishedSplitsHaveThePublishedContent() throws {
        for (split, hash, counts) in Self.published {
            let list = split.list(in: URL(filePath: "/data", directoryHint: .isDirectory))
            #expect(list.contentHash == hash, "\(split.fileName)")
            for (section, count) in counts { #expect(try list.section(section).items.count == count, "\(split.fileName) \(section)") }
            #expect(Set(list.sections) == Set(counts.keys))
        }
    }

    @Test func thePublishedSplitOfCOVID19SharesPatients() throws {
        let list = PublishedSplit.tcia.list(in: URL(filePath: "/data", directoryHint: .isDirectory))
        let training = Set(try PatientKey.standard.patients(of: list.section("training").items.map(\.image)))
        let validation = Set(try PatientKey.standard.patients(of: list.section("validation").items.map(\.image)))
        #expect(training.count == 523 && validation.count == 161)
        #expect(training.intersection(validation).count == 23)
    }

    @Test func patientsAreToldFromNames() throws {
        let names = ["data/volume-covid19-A-0705_day043.nii.gz", "imagesTr/img0007.nii.gz", "scan_12.nii", "x/volume-covid19-A-0167_1.nii.gz"]
        #expect(try PatientKey.standard.patients(of: names) == ["0705", "0007", "scan_12", "0167"])
        #expect(try PatientKey(pattern: "^([a-z]+)_").patients(of: ["bob_1.nii", "ann_2.nii"]) == ["bob", "ann"])
        #expect(try PatientKey(pattern: "^[a-z]+").patients(of: ["bob_1.nii"]) == ["bob"])
        #expect(throws: DatasetError.self) { try PatientKey(pattern: "^([a-z]+)_").patients(of: ["123.nii"]) }
        #expect(throws: DatasetError.self) { try PatientKey(pattern: "([a-z") }
    }

    private static func cases() -> [DatalistItem] {
        // 40 patients with one to four scans each.
        (0..<40).flatMap { patient in (0...(patient % 4)).map { DatalistItem(image: "volume-covid19-A-\(1000 + patient)_day00\($0).nii.gz") } }
    }

    @Test func sharesKeepPatientsTogether() throws {
        let items = Self.cases()
        let shares = [(name: "training", share: 7.0), (name: "validation", share: 2.0), (name: "test", share: 1.0)]
        let sections = try PatientSplit(items, seed: 3).sections(shares)
        #expect(sections.flatMap(\.items).map(\.image).sorted() == items.map(\.image).sorted())
        let patients = try sections.map { Set(try PatientKey.standard.patients(of: $0.items.map(\.image))) }
        #expect(patients[0].isDisjoint(with: patients[1]) && patients[0].isDisjoint(with: patients[2]) && patients[1].isDisjoint(with: patients[2]))
        // No section can miss its share by more than the scans of one patient.
        for (section, share) in zip(sections, shares) { #expect(abs(Double(section.items.count) - share.share * 10) <= 4, "\(section.items.count)") }
        #expect(try PatientSplit(items.reversed(), seed: 3).sections(shares).map(\.items) == sections.map(\.items))
        #expect(try PatientSplit(items, seed: 4).sections(shares).map(\.items) != sections.map(\.items))
    }

    @Test func foldsArePartsOfTheWhole() throws {
        let items = Self.cases()
        let folds = try PatientSplit(items, seed: 0).folds(5)
        #expect(folds.flatMap { $0 }.map(\.image).sorted() == items.map(\.image).sorted())
        #expect(folds.allSatisfy { abs($0.count - 20) <= 3 }, "\(folds.map(\.count))")
        var seen: Set<String> = []
        for fold in folds {
            let patients = Set(try PatientKey.standard.patients(of: fold.map(\.image)))
            #expect(seen.isDisjoint(with: patients))
            seen.formUnion(patients)
        }
    }

    @Test func impossibleSplitsAreRefused() throws {
        let one = try PatientSplit([DatalistItem(image: "a.nii")], seed: 0)
        #expect(throws: DatasetError.self) { try one.sections([("training", 0.8), ("validation", 0.2)]) }
        #expect(throws: DatasetError.self) { try one.folds(2) }
        let two = try PatientSplit([DatalistItem(image: "a.nii"), DatalistItem(image: "b.nii")], seed: 0)
        #expect(throws: DatasetError.self) { try two.sections([("training", 1), ("training", 1)]) }
        #expect(throws: DatasetError.self) { try two.sections([("training", -1)]) }
        #expect(throws: DatasetError.self) { try two.folds(1) }
    }
}
