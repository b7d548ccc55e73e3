import Foundation
import MedicalImaging
import TestSupport
import Testing

/// `viscera segment` with a small network of random weights: what it finds means nothing, where it puts it must be right.
@Suite(.serialized) struct SegmentTests {
    private let folder: TemporaryDirectory
    private let model: URL
    private let ball: URL

    init() throws {
        folder = try TemporaryDirectory()
        model = folder.file("model.safetensors")
        ball = folder.file("ball.nii.gz")
        try Fixtures.writeModel(to: model)
        try ImageFile.write(Fixtures.ball(), to: ball)
    }

    @Test func oneFile() throws {
        let output = folder.file("labels.nii.gz")
        let outcome = try Tool.run(["segment", ball.path, "-o", output.path, "--model", model.path, "--report", folder.file("report").path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.output.contains("liver"))
        #expect(outcome.messages.contains("Wrote \(output.path)"))
        let labels = try ImageFile.readLabels(output).labels
        #expect(labels.grid == Fixtures.ball().grid)
        #expect(labels.voxels.allSatisfy { $0 <= 13 })
        let page = try String(contentsOf: folder.file("report/ball.html"), encoding: .utf8)
        for text in ["ball.nii.gz", "24 × 20 × 16 voxels", "Model SHA-256", "Research use only", "data:image/png;base64,"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(Fixtures.files(in: folder.url) == ["ball.html", "ball.nii.gz", "labels.nii.gz", "model.safetensors", "report"])
    }

    @Test func modelFromTheEnvironment() throws {
        let arguments = ["segment", ball.path, "-o", folder.file("labels.nii").path, "--quiet"]
        #expect(try Tool.run(arguments, environment: ["VISCERA_MODEL": model.path]).status == 0)
    }

    @Test func jsonWithReference() throws {
        let reference = folder.file("truth.nii.gz")
        try ImageFile.write(Fixtures.ballLabels(), to: reference)
        let outcome = try Tool.run([
            "segment", ball.path, "-o", folder.file("labels.nii.gz").path, "--model", model.path, "--reference", reference.path, "--json", "--quiet",
        ])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let cases = try #require(try outcome.json()["cases"] as? [[String: Any]])
        let result = try #require(cases.first?["result"] as? [String: Any])
        let organs = try #require(result["organs"] as? [[String: Any]])
        #expect(organs.count == 13)
        let liver = try #require(organs.first { $0["name"] as? String == "liver" })
        #expect((liver["score"] as? [String: Any])?["dice"] is Double)
        let stages = try #require(result["stages"] as? [[String: Any]])
        #expect(stages.contains { $0["name"] as? String == "network" })
        #expect(result["orientation"] as? String == "LPS")
    }

    @Test func keepsOnlyChosenOrgans() throws {
        let output = folder.file("labels.nii")
        let outcome = try Tool.run([
            "segment", ball.path, "-o", output.path, "--model", model.path, "--organs", "liver,right-kidney", "--largest-component", "--quiet",
        ])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(Set(try ImageFile.readLabels(output).labels.voxels).isSubset(of: [0, Organ.liver.rawValue, Organ.rightKidney.rawValue]))
    }

    @Test func folderWithABrokenCase() throws {
        let scans = folder.file("scans")
        try FileManager.default.createDirectory(at: scans, withIntermediateDirectories: false)
        for name in ["a", "c"] { try ImageFile.write(Fixtures.ball(), to: scans.appending(path: "\(name).nii.gz")) }
        try Data("not a scan".utf8).write(to: scans.appending(path: "b.nii.gz"))
        let outcome = try Tool.run(["segment", scans.path, "-o", folder.file("out").path, "--model", model.path])
        #expect(outcome.status == 65, "\(outcome.messages)")
        #expect(outcome.errors.count == 1)
        #expect(outcome.errors[0].contains("1 of 3 cases failed"))
        #expect(outcome.messages.contains("b.nii.gz"))
        #expect(Fixtures.files(in: folder.file("out")) == ["a.nii.gz", "c.nii.gz"])
    }

    @Test func existingOutputsAreReplaced() throws {
        let output = folder.file("labels.nii.gz")
        try Data("old".utf8).write(to: output)
        #expect(try Tool.run(["segment", ball.path, "-o", output.path, "--model", model.path, "--quiet"]).status == 0)
        #expect(try ImageFile.readLabels(output).labels.grid == Fixtures.ball().grid)
    }

    @Test func memoryBudgetIsRefusedBeforeTheStart() throws {
        try Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--max-memory", "1MB", "--quiet"], status: 75,
            mentioning: "memory budget")
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors"])
    }

    @Test func missingDevice() throws {
        try Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--device", "cuda:77"], status: 69,
            mentioning: "not available")
    }

    @Test func otherWindow() throws {
        try Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--roi", "96", "--quiet"], status: 64,
            mentioning: "--roi")
    }
}
