import Foundation
import Learning
import TestSupport
import Testing

@Suite struct DatalistTests {
    private func write(_ text: String) throws -> (TemporaryDirectory, URL) {
        let folder = try TemporaryDirectory()
        let url = folder.file("list.json")
        try Data(text.utf8).write(to: url)
        return (folder, url)
    }

    @Test func itemsAndPathStringsAreRead() throws {
        let (folder, url) = try write(
            #"{"training": [{"image": "a.nii.gz", "label": "b.nii.gz", "labelled": [1, 6], "weight": 2}], "test": ["c.nii.gz"]}"#)
        let list = try Datalist(contentsOf: url)
        #expect(list.items == [Datalist.Item(image: "a.nii.gz", label: "b.nii.gz", labelled: [1, 6], weight: 2)])
        #expect(list.url("a.nii.gz").path == folder.file("a.nii.gz").path)
        #expect(try Datalist(contentsOf: url, section: "test").items == [Datalist.Item(image: "c.nii.gz")])
    }

    @Test(arguments: [
        ("not json", "is not a JSON object"), ("[1]", "is not a JSON object"), (#"{"validation": []}"#, "has no list 'training'"),
        (#"{"training": []}"#, "is empty"), (#"{"training": [{"label": "x"}]}"#, "training[0]"),
    ])
    func whatIsWrongIsNamed(text: String, fragment: String) throws {
        let (folder, url) = try write(text)
        defer { _ = folder }
        let error = #expect(throws: LearningError.self) { try Datalist(contentsOf: url) }
        #expect(error?.description.contains(fragment) == true)
    }
}
