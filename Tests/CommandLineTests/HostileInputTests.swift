import Foundation
import MedicalImaging
import TestSupport
import Testing

/// Inputs that are missing, damaged or of another kind: one clear line, a meaningful exit code, nothing left behind.
@Suite(.serialized) struct HostileInputTests {
    private let folder: TemporaryDirectory
    private let model: URL

    init() throws {
        folder = try TemporaryDirectory()
        model = folder.file("model.safetensors")
        try Fixtures.writeModel(to: model)
    }

    /// A compressed volume, whole.
    private func compressedVolume() throws -> Data {
        let url = folder.file("whole.nii.gz")
        try ImageFile.write(Fixtures.ball(), to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try Data(contentsOf: url)
    }

    /// Expects `segment`, `inspect` and `convert` to refuse a file of these bytes and to leave nothing.
    private func expectRefusal(_ name: String, _ bytes: Data, status: Int32 = 65, mentioning phrase: String) async throws {
        let input = folder.file(name)
        try bytes.write(to: input)
        let outputs = try TemporaryDirectory()
        let target = outputs.file("out.nii.gz").path
        try await Tool.expectFailure(["inspect", input.path], status: status, mentioning: phrase)
        try await Tool.expectFailure(["convert", input.path, target], status: status, mentioning: phrase)
        try await Tool.expectFailure(
            ["segment", input.path, "-o", target, "--model", model.path, "--report", outputs.file("report").path, "--quiet"], status: status,
            mentioning: phrase)
        #expect(Fixtures.files(in: outputs.url).filter { $0 != "report" } == [])
    }

    @Test func truncatedGzip() async throws {
        let whole = try compressedVolume()
        for share in [0.3, 0.7, 0.99] {
            try await expectRefusal("cut.nii.gz", whole.prefix(Int(Double(whole.count) * share)), mentioning: "cut.nii.gz")
        }
    }

    @Test func gzipWithAFlippedBit() async throws {
        var whole = try compressedVolume()
        whole[whole.count / 2] ^= 0x10
        try await expectRefusal("flipped.nii.gz", whole, mentioning: "flipped.nii.gz")
    }

    @Test func wrongMagicAndText() async throws {
        try await expectRefusal("magic.nii", Data(repeating: 7, count: 4096), mentioning: "magic.nii")
        try await expectRefusal("notes.nii", Data("patient was tired\n".utf8), mentioning: "text")
    }

    @Test func emptyFile() async throws { try await expectRefusal("empty.nii.gz", Data(), status: 66, mentioning: "empty") }

    @Test func dimensionsThatLie() async throws {
        let url = folder.file("plain.nii")
        try ImageFile.write(Fixtures.ball(), to: url)
        let honest = try Data(contentsOf: url)
        for (lie, name) in [(Int16(30_000), "huge.nii"), (0, "none.nii"), (-5, "negative.nii")] {
            var header = honest
            withUnsafeBytes(of: lie.littleEndian) { header.replaceSubrange(42..<44, with: $0) }
            try await expectRefusal(name, header, mentioning: name)
        }
    }

    @Test func missingAndEmptyInputs() async throws {
        let target = folder.file("out.nii.gz").path
        try await Tool.expectFailure(["segment", folder.file("nowhere.nii").path, "-o", target], status: 66, mentioning: "does not exist")
        let empty = folder.file("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: false)
        try await Tool.expectFailure(["segment", empty.path, "-o", target], status: 66, mentioning: "holds no volumes")
        try await Tool.expectFailure(["inspect", folder.file("nowhere.nii").path], status: 66, mentioning: "does not exist")
    }

    @Test(.enabled(if: getuid() != 0, "the superuser may read everything")) func unreadableFile() async throws {
        let url = folder.file("secret.nii.gz")
        try compressedVolume().write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
        try await Tool.expectFailure(["inspect", url.path], status: 66, mentioning: "secret.nii.gz")
    }

    @Test func unusableOutputs() async throws {
        let input = folder.file("ball.nii.gz")
        try ImageFile.write(Fixtures.ball(), to: input)
        try await Tool.expectFailure(["convert", input.path, folder.file("no/such/folder/x.nii").path], status: 73, mentioning: "does not exist")
        try await Tool.expectFailure(["convert", input.path, folder.file("x.docx").path], status: 64, mentioning: ".nii.gz")
        try await Tool.expectFailure(["segment", input.path, "-o", input.path, "--model", model.path], status: 64, mentioning: "is the input itself")
        try await Tool.expectFailure(["segment", input.path, input.path, "-o", folder.file("out.nii").path], status: 64, mentioning: "need a folder")
        #expect(try ImageFile.read(input).volume == Fixtures.ball())
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func fullDisk() async throws {
        let input = folder.file("ball.nii.gz")
        try ImageFile.write(Fixtures.ball(), to: input)
        // A limit on the size of files stands for a disk that fills up halfway.
        let limited = try await Program.run(
            URL(filePath: "/bin/sh"),
            [
                "-c", "ulimit -f 8; trap '' XFSZ; exec \"$0\" convert \"$1\" \"$2\"", try #require(Tool.executable).path, input.path,
                folder.file("out.nii").path,
            ])
        #expect([73, 74].contains(limited.status), "\(limited)")
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors"])
    }

    @Test func weightsOfAnotherKind() async throws {
        let input = folder.file("ball.nii.gz")
        try ImageFile.write(Fixtures.ball(), to: input)
        let target = folder.file("out.nii.gz").path
        try await Tool.expectFailure(
            ["segment", input.path, "-o", target, "--model", folder.file("none.pt").path], status: 66, mentioning: "does not exist")
        try await Tool.expectFailure(["segment", input.path, "-o", target, "--model", input.path], status: 65, mentioning: "not a weight file")
        try await Tool.expectFailure(["inspect", folder.file("none.pt").path], status: 66, mentioning: "does not exist")
        let text = folder.file("text.safetensors")
        try Data("not weights".utf8).write(to: text)
        try await Tool.expectFailure(["inspect", text.path], status: 65, mentioning: "not a weight file")
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors", "text.safetensors"])
    }

    @Test func forbiddenPickle() async throws {
        // protocol 2, GLOBAL 'os system', the string 'touch pwned', REDUCE
        let pickle = Data([0x80, 2]) + Data("cos\nsystem\n(X".utf8) + Data([11, 0, 0, 0]) + Data("touch pwned".utf8) + Data("tR.".utf8)
        let legacy =
            Data([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]) + pickle
        for (name, bytes) in [("bare.pt", pickle), ("legacy.pth", legacy)] {
            let url = folder.file(name)
            try bytes.write(to: url)
            let outcome = try await Tool.run(["inspect", url.path], in: folder.url)
            #expect(outcome.status == 65)
            #expect(outcome.errors.count == 1, "\(outcome.messages)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("pwned").path))
    }

    @Test func usageErrors() async throws {
        for arguments in [
            ["nonsense"], ["segment"], ["segment", "x.nii", "-o", "y.nii", "--overlap", "1"],
            ["segment", "x.nii", "-o", "y.nii", "--device", "abacus"],
            ["segment", "x.nii", "-o", "y.nii", "--organs", "heart"], ["segment", "x.nii", "-o", "y.nii", "--max-memory", "much"],
            ["evaluate", "a.nii"], ["phantom", "-o", "x", "--count", "0"],
        ] {
            let outcome = try await Tool.run(arguments)
            #expect(outcome.status == 64, "\(arguments): \(outcome.messages)")
            #expect(outcome.errors.count == 1, "\(arguments): \(outcome.messages)")
            #expect(outcome.messages.contains("Usage: "), "\(arguments): \(outcome.messages)")
        }
    }
}
