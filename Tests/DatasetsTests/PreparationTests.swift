import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct PreparationTests {
    private let folder: TemporaryDirectory
    private var source: URL { folder.file("download") }
    private var target: URL { folder.file("laid-out") }

    init() throws { folder = try TemporaryDirectory() }

    private func put(_ path: String, _ content: String) throws {
        let url = source.appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: url)
    }

    private func content(_ path: String) -> String? { try? String(contentsOf: target.appending(path: path), encoding: .utf8) }

    @Test(arguments: PreparationPlan.Method.allCases) func btcvIsLaidOut(method: PreparationPlan.Method) throws {
        try put("RawData/Training/img/img0001.nii.gz", "i1")
        try put("RawData/Training/label/label0001.nii.gz", "l1")
        try put("RawData/Testing/img/img0061.nii.gz", "t61")
        try put("RawData/Training/img/notes.txt", "not a volume")
        let plan = try DatasetLayout.btcv.plan(source)
        #expect(plan.placements.count == 3)
        // 24 + 6 pairs and 20 test images are published.
        #expect(plan.missing.count == 2 * 30 + 20 - 3)
        #expect(try plan.execute(in: target, by: method).placed == 3)
        #expect(content("imagesTr/img0001.nii.gz") == "i1" && content("labelsTr/label0001.nii.gz") == "l1")
        #expect(content("imagesTs/img0061.nii.gz") == "t61")
        #expect(try plan.execute(in: target, by: method).placed == 0, "a second run finds all in place")
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: target.appending(path: "imagesTr/img0001.nii.gz").path)) != nil
        #expect(isLink == (method == .symbolicLink))
    }

    @Test func covidVolumesAreFlattened() throws {
        try put("A/1.2.3/volume-covid19-A-0656.nii.gz", "a")
        try put("B/volume-covid19-A-0495.nii.gz", "b")
        try put("B/other.nii.gz", "c")
        let plan = try DatasetLayout.tcia.plan(source)
        #expect(plan.ignored == ["B/other.nii.gz"])
        #expect(plan.missing.count == 771 - 2)
        #expect(try plan.execute(in: target, by: .copy).placed == 2)
        #expect(content("data/volume-covid19-A-0656.nii.gz") == "a" && content("data/volume-covid19-A-0495.nii.gz") == "b")
    }

    /// One volume; two days 43 days apart; two series of one study.
    @Test func seriesOfTheRetrieverGetThePublishedNames() throws {
        let collection = "manifest-1608266677008/CT Images in COVID-19/volume-covid19-A-"
        for path in [
            "0656/01-01-2020-NA-CT CHEST-11111/1.000000-NA-22222", "0705/02-27-2020-NA-CT-11112/2.000000-LUNG-1",
            "0705/04-10-2020-NA-CT-11113/2.000000-LUNG-2", "0028/01-01-2020-NA-CT-11114/1.000000-A-1", "0028/01-01-2020-NA-CT-11114/2.000000-B-2",
        ] {
            for slice in 1...2 { try put("\(collection)\(path)/1-00\(slice).dcm", "no image") }
        }
        try put("manifest-1608266677008/metadata.csv", "Series UID,Collection")
        let plan = try DatasetLayout.tcia.plan(source)
        #expect(
            plan.placements.map(\.destination) == [
                "data/volume-covid19-A-0028_0.nii.gz", "data/volume-covid19-A-0028_1.nii.gz", "data/volume-covid19-A-0656.nii.gz",
                "data/volume-covid19-A-0705_day000.nii.gz", "data/volume-covid19-A-0705_day043.nii.gz",
            ])
        #expect(plan.placements.allSatisfy { $0.isSeries })
        #expect(plan.missing.count == 771 - 5, "all five are names of the published split")
        let outcome = try plan.execute(in: target, by: .hardLink)
        #expect(outcome.placed == 0 && outcome.refused.count == 5)
        #expect(content("data/volume-covid19-A-0656.nii.gz") == nil)
    }

    @Test func nothingIsOverwritten() throws {
        try put("volume-covid19-A-0001.nii.gz", "new")
        try put("volume-covid19-A-0002.nii.gz", "two")
        try FileManager.default.createDirectory(at: target.appending(path: "data"), withIntermediateDirectories: true)
        try Data("old".utf8).write(to: target.appending(path: "data/volume-covid19-A-0001.nii.gz"))
        let error = #expect(throws: DatasetError.self) { try DatasetLayout.tcia.plan(source).execute(in: target, by: .copy) }
        #expect(error?.description.contains("volume-covid19-A-0001.nii.gz") == true)
        #expect(content("data/volume-covid19-A-0001.nii.gz") == "old")
        #expect(content("data/volume-covid19-A-0002.nii.gz") == nil, "nothing is placed when anything is in the way")
    }

    @Test func twoFilesOfOneNameAreRefused() throws {
        try put("x/volume-covid19-A-0001.nii.gz", "1")
        try put("y/volume-covid19-A-0001.nii.gz", "2")
        #expect(throws: DatasetError.self) { try DatasetLayout.tcia.plan(source).execute(in: target, by: .hardLink) }
    }

    @Test func aFolderOfAnotherKindIsRefused() throws {
        try put("readme.txt", "x")
        for layout in DatasetLayout.allCases { #expect(throws: DatasetError.self) { try layout.plan(source) } }
    }

    @Test func foldersBecomeLists() throws {
        try put("imagesTr/img0001.nii.gz", "i")
        try put("imagesTr/img0002.nii.gz", "i")
        try put("labelsTr/label0001.nii.gz", "l")
        try put("imagesTs/img0061.nii.gz", "t")
        let list = try VolumeFolder.list(source)
        #expect(
            try list.section("training").items == [
                DatalistItem(image: "imagesTr/img0001.nii.gz", label: "labelsTr/label0001.nii.gz"), DatalistItem(image: "imagesTr/img0002.nii.gz"),
            ])
        #expect(try list.section("test").items == [DatalistItem(image: "imagesTs/img0061.nii.gz")])
    }
}
