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

    @Test func oneFile() async throws {
        let output = folder.file("labels.nii.gz")
        let outcome = try await Tool.run(["segment", ball.path, "-o", output.path, "--model", model.path, "--report", folder.file("report").path])
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

    @Test func modelFromTheEnvironment() async throws {
        let arguments = ["segment", ball.path, "-o", folder.file("labels.nii").path, "--quiet"]
        #expect(try await Tool.run(arguments, environment: ["VISCERA_MODEL": model.path]).status == 0)
    }

    @Test func jsonWithReference() async throws {
        let reference = folder.file("truth.nii.gz")
        try ImageFile.write(Fixtures.ballLabels(), to: reference)
        let outcome = try await Tool.run([
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

    @Test func threadsAreThoseAskedFor() async throws {
        let arguments = ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--json", "--quiet"]
        for (threads, text) in [("1", "CPU, 1 thread"), ("3", "CPU, 3 threads")] {
            let outcome = try await Tool.run(arguments + ["--threads", threads])
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect((try outcome.json()["model"] as? [String: Any])?["device"] as? String == text)
        }
        let refused = try await Tool.run(arguments + ["--threads", "0"])
        #expect(refused.status == 64)
        #expect(refused.messages.contains("--threads"))
    }

    @Test func keepsOnlyChosenOrgans() async throws {
        let output = folder.file("labels.nii")
        let outcome = try await Tool.run([
            "segment", ball.path, "-o", output.path, "--model", model.path, "--organs", "liver,right-kidney", "--largest-component", "--quiet",
        ])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(Set(try ImageFile.readLabels(output).labels.voxels).isSubset(of: [0, Organ.liver.rawValue, Organ.rightKidney.rawValue]))
    }

    @Test func folderWithABrokenCase() async throws {
        let scans = folder.file("scans")
        try FileManager.default.createDirectory(at: scans, withIntermediateDirectories: false)
        for name in ["a", "c"] { try ImageFile.write(Fixtures.ball(), to: scans.appending(path: "\(name).nii.gz")) }
        try Data("not a scan".utf8).write(to: scans.appending(path: "b.nii.gz"))
        let outcome = try await Tool.run(["segment", scans.path, "-o", folder.file("out").path, "--model", model.path])
        #expect(outcome.status == 65, "\(outcome.messages)")
        #expect(outcome.errors.count == 1)
        #expect(outcome.errors[0].contains("1 of 3 cases failed"))
        #expect(outcome.messages.contains("b.nii.gz"))
        #expect(Fixtures.files(in: folder.file("out")) == ["a.nii.gz", "c.nii.gz"])
    }

    /// The memory planned for one case.
    private func plannedMemory() async throws -> Int {
        let outcome = try await Tool.run(["segment", ball.path, "-o", folder.file("one.nii").path, "--model", model.path, "--json", "--quiet"])
        let cases = try #require(try outcome.json()["cases"] as? [[String: Any]])
        return try #require((cases.first?["result"] as? [String: Any])?["plannedMemory"] as? Int)
    }

    /// Cases overlap, yet each says what it has to say in its turn. A budget for one case keeps them from overlapping and changes nothing else.
    @Test(arguments: [false, true])
    func manyCasesSpeakInOrder(isTight: Bool) async throws {
        let options = isTight ? ["--max-memory", "\(try await plannedMemory())B"] : []
        let scans = folder.file("scans")
        try FileManager.default.createDirectory(at: scans, withIntermediateDirectories: false)
        let names = ["a", "b", "c", "d", "e"]
        for name in names { try ImageFile.write(Fixtures.ball(), to: scans.appending(path: "\(name).nii.gz")) }
        try Data("not a scan".utf8).write(to: scans.appending(path: "c.nii.gz"))
        let out = folder.file("out")
        let outcome = try await Tool.run(
            ["segment", scans.path, "-o", out.path, "--model", model.path, "--report", folder.file("report").path, "--json"] + options)
        #expect(outcome.status == 65, "\(outcome.messages)")
        let lines = outcome.messages.split(separator: "\n").filter { $0.contains("/5  ") || $0.hasPrefix("Wrote") }
        let expected = names.enumerated().flatMap { index, name in
            ["\(index + 1)/5  \(name)"] + (name == "c" ? [] : ["Wrote \(out.appending(path: name).path).nii.gz"])
        }
        #expect(lines.count == expected.count && zip(lines, expected).allSatisfy { $0.hasPrefix($1) }, "\(outcome.messages)")
        let cases = try #require(try outcome.json()["cases"] as? [[String: Any]])
        #expect(cases.map { ($0["input"] as? String)?.suffix(8).first } == ["a", "b", "c", "d", "e"])
        #expect(cases.map { $0["result"] == nil } == [false, false, true, false, false])
        let first = try ImageFile.readLabels(out.appending(path: "a.nii.gz")).labels
        for name in ["b", "d", "e"] { #expect(try ImageFile.readLabels(out.appending(path: "\(name).nii.gz")).labels == first) }
    }

    @Test func existingOutputsAreReplaced() async throws {
        let output = folder.file("labels.nii.gz")
        try Data("old".utf8).write(to: output)
        #expect(try await Tool.run(["segment", ball.path, "-o", output.path, "--model", model.path, "--quiet"]).status == 0)
        #expect(try ImageFile.readLabels(output).labels.grid == Fixtures.ball().grid)
    }

    @Test func memoryBudgetIsRefusedBeforeTheStart() async throws {
        try await Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--max-memory", "1MB", "--quiet"], status: 75,
            mentioning: "memory budget")
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors"])
    }

    @Test func missingDevice() async throws {
        try await Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--device", "cuda:77"], status: 69,
            mentioning: "not available")
    }

    @Test func otherWindow() async throws {
        try await Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("labels.nii").path, "--model", model.path, "--roi", "96", "--quiet"], status: 64,
            mentioning: "--roi")
    }
}
