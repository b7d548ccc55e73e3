import Foundation
import MedicalImaging
import TestSupport
import Testing
import Weights

/// `viscera export`, and the programs it writes as models of `segment` and objects of `inspect`.
@Suite(.serialized) struct ExportTests {
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

    private func labels(_ model: URL, _ more: [String] = []) async throws -> [UInt8] {
        let output = folder.file("labels.nii")
        let outcome = try await Tool.run(["segment", ball.path, "-o", output.path, "--model", model.path] + more)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try ImageFile.readLabels(output).labels.voxels
    }

    @Test func aProgramFindsWhatTheNetworkFinds() async throws {
        let program = folder.file("model.ts")
        let outcome = try await Tool.run(["export", model.path, "-o", program.path, "--json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(try #require(outcome.json()["difference"] as? Double) < 1e-5)
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors", "model.ts"])

        let native = try await labels(model)
        let foreign = try await labels(program)
        #expect(Set(native).count > 2)
        // Voxels whose two best classes are equal within rounding may differ.
        #expect(zip(native, foreign).count { $0 != $1 } <= native.count / 1000)

        let found = try await Tool.run(["inspect", program.path])
        for text in ["forward(image: Tensor) -> Tensor", "viscera.json", "32 × 32 × 32", "liver"] { #expect(found.output.contains(text), "\(text)") }
        #expect(try await Tool.run(["inspect", program.path, "--json"]).json()["kind"] as? String == "program")
    }

    @Test func aProgramWithoutMetadataNeedsItsWindow() async throws {
        let whole = folder.file("model.ts")
        #expect(try await Tool.run(["export", model.path, "-o", whole.path, "--quiet"]).status == 0)
        let bare = folder.file("bare.ts")
        try ProgramFile.withoutExtraFiles(whole, to: bare)
        try await Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("x.nii").path, "--model", bare.path, "--quiet"], status: 65, mentioning: "--roi")
        let options = ["--roi", "32", "--spacing", "3", "--intensity-window", "-175,250"]
        // The recipes differ in the crop to the foreground, which only leaves windows of air out.
        let outcome = try await Tool.run(["segment", ball.path, "-o", folder.file("x.nii").path, "--model", bare.path] + options)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("--intensity-window") && outcome.messages.contains("thirteen organs"))
    }

    @Test func weightsForOtherPrograms() async throws {
        // 170 tensors for twelve layers, eleven per layer; MONAI 1.6 saves two more per layer.
        let used = 170 - 8 * 11
        for (name, options, count) in [("new.pt", [], used + 4 * 2), ("old.pth", ["--monai", "1.3"], used), ("again.safetensors", [], used)] {
            let target = folder.file(name)
            let outcome = try await Tool.run(["export", model.path, "-o", target.path] + options)
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try WeightFile.read(target).state.count == count, "\(name)")
        }
        #expect(try await labels(folder.file("again.safetensors")) == labels(model))
        let stated = try WeightFile.read(folder.file("again.safetensors")).state.metadata["recipe"] ?? ""
        #expect(stated.contains("\"spacing\":[3,3,3]"), "\(stated)")
        // A file of MONAI: what became of its tensors is said before anything is segmented.
        let foreign = try await Tool.run(
            ["segment", ball.path, "-o", folder.file("x.nii").path, "--model", folder.file("new.pt").path, "--spacing", "3"])
        #expect(foreign.status == 0, "\(foreign.messages)")
        #expect(foreign.messages.contains("loaded \(used), missing 0, unexpected 0, mismatched 0"), "\(foreign.messages)")
        #expect(foreign.messages.contains("dropped: 8 tensors"), "\(foreign.messages)")
    }

    @Test func refusals() async throws {
        let target = folder.file("x.ts").path
        try await Tool.expectFailure(["export", folder.file("none.pt").path, "-o", target], status: 66, mentioning: "does not exist")
        try await Tool.expectFailure(["export", ball.path, "-o", target], status: 65, mentioning: "not a weight file")
        try await Tool.expectFailure(["export", model.path, "-o", folder.file("x.onnx").path], status: 64, mentioning: ".safetensors")
        try await Tool.expectFailure(
            ["export", model.path, "-o", target, "--input-shape", "64,64,64"], status: 64, mentioning: "the network's own window")
        try await Tool.expectFailure(["export", model.path, "-o", target, "--monai", "1.3"], status: 64, mentioning: "not for .ts")
        try await Tool.expectFailure(["export", model.path, "-o", folder.file("no/x.ts").path], status: 73, mentioning: "does not exist")
        #expect(Fixtures.files(in: folder.url) == ["ball.nii.gz", "model.safetensors"])
    }

    @Test func damagedPrograms() async throws {
        let program = folder.file("model.ts")
        #expect(try await Tool.run(["export", model.path, "-o", program.path, "--quiet"]).status == 0)
        let bytes = try Data(contentsOf: program)
        let cut = folder.file("cut.ts")
        for share in [0.2, 0.9] {
            try bytes.prefix(Int(Double(bytes.count) * share)).write(to: cut)
            try await Tool.expectFailure(["inspect", cut.path], status: 65, mentioning: "truncated")
            try await Tool.expectFailure(
                ["segment", ball.path, "-o", folder.file("x.nii").path, "--model", cut.path], status: 65, mentioning: "truncated")
        }
    }

    @Test func devicesThatAreNotHere() async throws {
        try await Tool.expectFailure(
            ["segment", ball.path, "-o", folder.file("x.nii").path, "--model", model.path, "--device", "cuda:1000"], status: 69,
            mentioning: "cuda:1000")
    }
}

/// A program's file taken apart.
private enum ProgramFile {
    /// The same archive with its extra files renamed, so that nothing states the program's use.
    static func withoutExtraFiles(_ source: URL, to target: URL) throws {
        var bytes = try Data(contentsOf: source)
        let (name, other) = (Data("extra/viscera.json".utf8), Data("extra/unknown.json".utf8))
        var start = bytes.startIndex
        while let range = bytes.range(of: name, in: start..<bytes.endIndex) {
            bytes.replaceSubrange(range, with: other)
            start = range.upperBound
        }
        try bytes.write(to: target)
    }
}
