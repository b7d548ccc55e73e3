import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct NIfTIHostileTests {
    /// A damaged file and what the message must say.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var file: Data
        var message: String
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let sound = NIfTIFixture()
        let compressed = (try? Gzip.compress(sound.file)) ?? Data()
        let lying = sound.file(replacing: 42, with: bytes(Int16(32000)) + bytes(Int16(32000)) + bytes(Int16(32000)))
        return [
            Case(name: "empty", file: Data(), message: "empty"),
            Case(name: "text", file: Data("hello, world".utf8), message: "found text"),
            Case(name: "zip", file: Data([0x50, 0x4B, 3, 4]) + Data(count: 600), message: "zip archive"),
            Case(name: "header cut", file: sound.file.prefix(200), message: "header has 200 bytes"),
            Case(name: "voxels cut", file: sound.file.dropLast(10), message: "promises 400 bytes and 390"),
            Case(name: "gzip cut in half", file: compressed.prefix(compressed.count / 2), message: "gzip data"),
            Case(name: "gzip cut at once", file: compressed.prefix(12), message: "gzip data"),
            Case(name: "gzip checksum", file: compressed.dropLast(8) + Data(count: 8), message: "gzip data"),
            Case(name: "dimensions lie", file: lying, message: "promises"),
            Case(name: "dimensions lie, compressed", file: (try? Gzip.compress(lying)) ?? Data(), message: "cannot hold more than"),
            Case(name: "no slices", file: sound.file(replacing: 46, with: bytes(Int16(0))), message: "4 × 3 × 0"),
            Case(name: "negative", file: sound.file(replacing: 46, with: bytes(Int16(-2))), message: "4 × 3 × -2"),
            Case(name: "no axes", file: sound.file(replacing: 40, with: bytes(Int16(0))), message: "claims 0 axes"),
            Case(name: "magic", file: sound.file(replacing: 344, with: Array("abc\0".utf8)), message: "magic string is \"abc\""),
            Case(name: "analyze", file: sound.file(replacing: 344, with: [0, 0, 0, 0]), message: "ANALYZE"),
            Case(name: "colour", file: sound.file(replacing: 70, with: bytes(Int16(128))), message: "RGB colour"),
            Case(name: "complex", file: sound.file(replacing: 70, with: bytes(Int16(32))), message: "complex64"),
            Case(name: "float128", file: sound.file(replacing: 70, with: bytes(Int16(1536))), message: "float128"),
            Case(name: "offset", file: sound.file(replacing: 108, with: bytes(Float.nan)), message: "start at byte"),
            Case(name: "intercept", file: sound.file(replacing: 116, with: bytes(Float.nan)), message: "scl_inter"),
            Case(name: "origin", file: sound.file(replacing: 292, with: bytes(Float.nan)), message: "no finite number"),
            Case(name: "infinite origin", file: sound.file(replacing: 308, with: bytes(Float.infinity)), message: "no finite number"),
            Case(name: "rotation", file: sound.file(replacing: 254, with: bytes(Int16(0)) + bytes(Float(2))), message: "no rotation"),
        ]
    }()

    @Test(arguments: cases)
    func isRefusedInOneClearLine(_ hostile: Case) throws {
        let folder = try TemporaryDirectory()
        try hostile.file.write(to: folder.file("x.nii"))
        #expect {
            try ImageFile.read(folder.file("x.nii"))
        } throws: { error in
            let message = "\(error)"
            return message.contains(hostile.message) && message.contains("x.nii") && !message.contains("\n")
        }
    }

    @Test func everyCutOfASmallFileIsRefused() throws {
        let folder = try TemporaryDirectory()
        let file = try Gzip.compress(NIfTIFixture().file)
        for length in stride(from: 1, to: file.count, by: 7) {
            try file.prefix(length).write(to: folder.file("cut.nii.gz"))
            #expect(throws: ImageError.self, "\(length) of \(file.count) bytes") { try ImageFile.read(folder.file("cut.nii.gz")) }
        }
    }

    @Test func missingFileAndNumbersThatAreNone() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: ImageError.unreadable(path: folder.file("none").path(percentEncoded: false), reason: "there is no such file")) {
            try ImageFile.read(folder.file("none"))
        }
        var fixture = NIfTIFixture()
        fixture.header.datatype = 16
        var values = (0..<24).map { Float($0) - 1000 }
        values[5] = .nan
        values[7] = .infinity
        fixture.voxels = NIfTIFixture.bytes(values)
        try fixture.file.write(to: folder.file("nan.nii"))
        let image = try ImageFile.read(folder.file("nan.nii"))
        #expect(image.volume.voxels[5] == -1000 && image.volume.voxels[7] == -1000)
        #expect(image.warnings.contains { $0.kind == .notFinite && $0.message.contains("2 voxels") && $0.message.contains("(1, 1, 0)") })
        fixture.voxels = NIfTIFixture.bytes([Float](repeating: .nan, count: 24))
        try fixture.file.write(to: folder.file("nan.nii"))
        #expect(throws: ImageError.self) { try ImageFile.read(folder.file("nan.nii")) }
    }

    @Test(arguments: [(Float(0), Float(1), "normalised"), (-1e6, 0, "beyond"), (0, 2000, "shows no air"), (3, 3, "no CT")])
    func oddIntensitiesAreToldOnlyWhenAskedFor(least: Float, greatest: Float, message: String) throws {
        let folder = try TemporaryDirectory()
        var fixture = NIfTIFixture()
        fixture.header.datatype = 16
        fixture.voxels = NIfTIFixture.bytes((0..<24).map { least + (greatest - least) * Float($0) / 23 })
        try fixture.file.write(to: folder.file("odd.nii"))
        #expect(try ImageFile.read(folder.file("odd.nii")).warnings.contains { $0.kind == .intensity && $0.message.contains(message) })
        let options = ReadOptions(checksIntensities: false)
        #expect(try !ImageFile.read(folder.file("odd.nii"), options: options).warnings.contains { $0.kind == .intensity })
    }
}
