import Foundation
import MedicalImaging
import TestSupport
import Testing

/// `viscera dataset` as a user calls it.
@Suite(.serialized) struct DatasetTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func lists(_ outcome: Program.Outcome) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    }

    @Test func publishedSplitsAreWrittenUnderTheirNames() async throws {
        for (name, file) in [("tcia", "tcia_dataset_split.json"), ("btcv-12", "btcv_dataset_0_init_12.json")] {
            let outcome = try await Tool.run(["dataset", "split", "--published", name, "-o", folder.url.path, "--json"])
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try lists(outcome)[0]["file"] as? String == folder.file(file).path)
            #expect(FileManager.default.fileExists(atPath: folder.file(file).path))
        }
        // Again: the same content may be there, other content may not.
        #expect(try await Tool.run(["dataset", "split", "--published", "tcia", "-o", folder.url.path]).status == 0)
        try Data("{}".utf8).write(to: folder.file("tcia_dataset_split.json"))
        try await Tool.expectFailure(["dataset", "split", "--published", "tcia", "-o", folder.url.path], status: 73, mentioning: "other content")
    }

    @Test func aFolderIsSplitInFolds() async throws {
        for number in 1...6 { try ImageFile.write(Fixtures.ball(), to: folder.file("scan\(number).nii.gz")) }
        let outcome = try await Tool.run(["dataset", "split", folder.url.path, "-o", folder.file("lists/all.json").path, "--folds", "3", "--json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let written = try lists(outcome)
        #expect(written.count == 3)
        #expect(written[2]["file"] as? String == folder.file("lists/all_fold2.json").path)
        // The six scans are one, six times: a check finds that, and that all paths lead somewhere.
        let check = try await Tool.run(["dataset", "check", folder.file("lists/all_fold0.json").path, "--json"])
        #expect(check.status == 65)
        let report = try check.json()
        let problems = try #require(report["problems"] as? [[String: Any]])
        #expect(problems.filter { $0["kind"] as? String == "duplicate" }.count == 5)
        #expect(problems.allSatisfy { $0["kind"] as? String != "unreadable" }, "\(problems)")
        #expect(check.errors.count == 1 && check.messages.contains("training[1].image"))
    }

    @Test func aSoundDataSetPassesAndPrintsATable() async throws {
        try ImageFile.write(Fixtures.ball(), to: folder.file("a.nii.gz"))
        try ImageFile.write(Fixtures.ballLabels(), to: folder.file("l.nii.gz"))
        try Data(#"{"training": [{"image": "a.nii.gz", "label": "l.nii.gz"}]}"#.utf8).write(to: folder.file("list.json"))
        let outcome = try await Tool.run(["dataset", "check", folder.file("list.json").path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        for text in ["training[0]", "24 × 20 × 16", "1, 6", "training: 1 items, 1 patients", "memory"] {
            #expect(outcome.output.contains(text), "\(text): \(outcome.output)")
        }
    }

    @Test func preparationLaysFilesOut() async throws {
        let download = folder.file("download/RawData/Training")
        for (part, name) in [("img", "img0001.nii.gz"), ("label", "label0001.nii.gz")] {
            try FileManager.default.createDirectory(at: download.appending(path: part), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: download.appending(path: "\(part)/\(name)"))
        }
        let outcome = try await Tool.run(["dataset", "prepare", "btcv", folder.file("download").path, "-o", folder.file("out").path, "--json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(try outcome.json()["placed"] as? Int == 2)
        let names = Fixtures.files(in: folder.file("out"))
        #expect(names.contains("btcv_dataset_0.json") && names.contains("img0001.nii.gz"))
        try await Tool.expectFailure(
            ["dataset", "prepare", "tcia", folder.file("download").path, "-o", folder.file("o").path], status: 65, mentioning: "covid19")
    }
}
