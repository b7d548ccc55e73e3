import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatalistTests {
    private let folder: TemporaryDirectory
    private var url: URL { folder.file("list.json") }

    init() throws { folder = try TemporaryDirectory() }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: url) }

    @Test func itemsAndPathStringsAreRead() throws {
        try write(
            #"{"training": [{"image": ["a.nii.gz"], "label": "b.nii.gz", "labelled": [1, 6], "weight": 2, "age": 7}], "test": ["c.nii.gz"]}"#)
        let list = try Datalist(contentsOf: url)
        #expect(list.items.count == 1)
        #expect(list.items[0].image == "a.nii.gz" && list.items[0].label == "b.nii.gz")
        #expect(list.items[0].labelled == [1, 6] && list.items[0].weight == 2)
        #expect(list.url("a.nii.gz").path == folder.file("a.nii.gz").path)
        #expect(list.url("/abs/a.nii.gz").path == "/abs/a.nii.gz")
        #expect(try Datalist(contentsOf: url, section: "test").items == [Datalist.Item(image: "c.nii.gz")])
        let elsewhere = try Datalist(contentsOf: url, section: "test", base: URL(filePath: "/data", directoryHint: .isDirectory))
        #expect(elsewhere.url("c.nii.gz").path == "/data/c.nii.gz")
    }

    @Test(arguments: [
        ("not json", "is not a JSON object"), ("[1]", "is not a JSON object"),
        (#"{"validation": ["a"]}"#, "has no list 'training': it has validation"),
        (#"{"training": []}"#, "is empty"), (#"{"training": [{"label": "x"}]}"#, "training[0]"), (#"{"training": {"image": "x"}}"#, "has no list"),
        (#"{"training": ["a", 7]}"#, "training[1]"), (#"{"training": [{"image": 5}]}"#, "training[0].image"),
        (#"{"training": [{"image": ["a", "b"]}]}"#, "lists 2 files"), (#"{"training": [{"image": "a", "label": 1}]}"#, "training[0].label"),
        (#"{"training": [{"image": "a", "labelled": [300]}]}"#, "training[0].labelled"),
        (#"{"training": [{"image": "a", "weight": 0}]}"#, "training[0].weight"), (#"{"training": [{"image": "a", "image": "b"}]}"#, "twice"),
    ])
    func whatIsWrongIsNamed(text: String, fragment: String) throws {
        try write(text)
        let error = #expect(throws: DatasetError.self) { try Datalist(contentsOf: url) }
        let message = error?.description ?? ""
        #expect(message.contains(fragment) && message.contains("list.json"), "\(message)")
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: DatasetError.self) { try Datalist(contentsOf: folder.file("nowhere.json")) }
        #expect(error?.description.contains("nowhere.json") == true)
    }

    @Test func labelNamesAreReadInBothDirections() throws {
        try write(#"{"labels": {"0": "background", "1": "spleen"}, "training": ["a"]}"#)
        #expect(try DatalistFile(contentsOf: url).labelNames() == [0: "background", 1: "spleen"])
        try write(#"{"labels": {"background": 0, "spleen": 1}}"#)
        #expect(try DatalistFile(contentsOf: url).labelNames() == [0: "background", 1: "spleen"])
        try write(#"{"labels": {"spleen": "one"}}"#)
        let error = #expect(throws: DatasetError.self) { try DatalistFile(contentsOf: url).labelNames() }
        #expect(error?.description.contains("labels.spleen") == true)
    }

    @Test func rewritingKeepsWhatTheListSays() throws {
        try write(
            #"{"name": "x", "labels": {"1": "spleen"}, "training": [{"image": "a", "label": "b", "site": {"city": "Bonn"}}], "test": ["c"], "z": [1.5]}"#
        )
        var list = try DatalistFile(contentsOf: url)
        #expect(list.sections == ["training", "test"])
        let items = try list.section("training").items
        let before = list.contentHash
        list.setSection("training", items)
        #expect(list.contentHash == before)
        list.setSection("validation", [DatalistItem(image: "d", label: "e")])
        try Data(list.text.utf8).write(to: url)
        let again = try DatalistFile(contentsOf: url)
        #expect(again == list)
        #expect(again.text.contains("Bonn") && again.text.contains("spleen"))
        #expect(again.text.range(of: "\"name\"")!.lowerBound < again.text.range(of: "\"validation\"")!.lowerBound)
    }

    @Test func movingAListMovesItsPaths() throws {
        try write(#"{"training": [{"image": "a/x.nii.gz", "mask": "a/m.nii.gz", "note": "a/none", "label": "/abs/y.nii.gz"}], "test": ["t.nii.gz"]}"#)
        try FileManager.default.createDirectory(at: folder.file("a"), withIntermediateDirectories: false)
        try Data([1]).write(to: folder.file("a/m.nii.gz"))
        let moved = try DatalistFile(contentsOf: url).moved(to: folder.file("lists/new/list.json"))
        let list = try moved.section("training")
        #expect(list.items[0].image == "../../a/x.nii.gz")
        #expect(list.items[0].label == "/abs/y.nii.gz")
        #expect(list.url(list.items[0].image).standardizedFileURL.path == folder.file("a/x.nii.gz").standardizedFileURL.path)
        // Another key is a path only when the file exists.
        #expect(moved.text.contains("\"../../a/m.nii.gz\"") && moved.text.contains("\"a/none\""))
        #expect(try moved.section("test").items[0].image == "../../t.nii.gz")
    }
}
