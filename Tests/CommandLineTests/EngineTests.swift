import Foundation
import MedicalImaging
import TestSupport
import Testing

/// `viscera` in a folder of its own, where neither its engine nor LibTorch can be found.
@Suite(.serialized) struct EngineTests {
    private let folder: TemporaryDirectory
    private let alone: URL

    init() throws {
        folder = try TemporaryDirectory()
        alone = folder.file("viscera")
        try FileManager.default.copyItem(at: try #require(Tool.executable), to: alone)
    }

    @Test func dataCommandsNeedNoEngine() async throws {
        #expect(try await Program.run(alone, ["--version"]).output == Tool.run(["--version"]).output)
        let painted = try await Program.run(alone, ["phantom", "-o", folder.file("painted").path, "--shape", "32", "--spacing", "8"])
        #expect(painted.status == 0, "\(painted.messages)")
        let image = folder.file("painted/images/phantom_0001.nii.gz").path
        let label = folder.file("painted/labels/phantom_0001.nii.gz").path
        #expect(try await Program.run(alone, ["inspect", image]).output.contains("32 × 32 × 32 voxels"))
        #expect(try await Program.run(alone, ["evaluate", label, label, "--dice-only"]).status == 0)
        #expect(try await Program.run(alone, ["dataset", "check", folder.file("painted/dataset.json").path]).status == 0)
        let refused = try await Program.run(alone, ["evaluate", label])
        #expect(refused.status == 64 && refused.errors.count == 1, "\(refused.messages)")
    }

    @Test(arguments: [["segment", "ct.nii.gz"], ["--help"], [], ["help", "inspect"], ["no-such-command"]])
    func othersSayWhatIsMissing(arguments: [String]) async throws {
        let outcome = try await Program.run(alone, arguments)
        #expect(outcome.status == 69, "\(outcome.messages)")
        #expect(outcome.errors.count == 1 && outcome.messages.contains("viscera-engine' cannot be started"), "\(outcome.messages)")
    }

    @Test func helpIsTheSameFromBoth() async throws {
        let engine = try #require(Tool.executable).deletingLastPathComponent().appending(path: "viscera-engine")
        for command in ["evaluate", "inspect", "phantom", "dataset"] {
            let front = try await Program.run(alone, [command, "--help"])
            #expect(front.status == 0 && front.output.contains("USAGE: viscera \(command)"), "\(front.messages)")
            #expect(try await Program.run(engine, [command, "--help"]).output == front.output)
        }
    }
}
