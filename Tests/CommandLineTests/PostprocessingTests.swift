import Foundation
import MedicalImaging
import TestSupport
import Testing
import Weights

/// Postprocessing that a model states: chosen, followed, left out. The network has random weights, so that its organs are full of islands.
@Suite(.serialized) struct PostprocessingTests {
    private let folder: TemporaryDirectory
    private let model: URL
    private var list: URL { folder.file("held-out.json") }

    init() throws {
        folder = try TemporaryDirectory()
        model = folder.file("model.safetensors")
        try Fixtures.writeModel(to: model)
        try ImageFile.write(Fixtures.ball(), to: folder.file("ct.nii.gz"))
        try ImageFile.write(Fixtures.ballLabels(), to: folder.file("labels.nii.gz"))
        let item = #"{"image": "ct.nii.gz", "label": "labels.nii.gz"}"#
        try Data(#"{"validation": [\#(item)], "unlabelled": [{"image": "ct.nii.gz"}]}"#.utf8).write(to: list)
    }

    /// The label map that `segment` finds and what it tells of it.
    private func segment(_ model: URL, _ options: String...) async throws -> (labels: LabelMap, told: [String: Any]) {
        let output = folder.file("out.nii.gz")
        let outcome = try await Tool.run(
            ["segment", folder.file("ct.nii.gz").path, "-o", output.path, "--model", model.path, "--json", "--quiet"] + options)
        #expect(outcome.status == 0, "\(outcome.messages)")
        let cases = try #require(try outcome.json()["cases"] as? [[String: Any]])
        let result = try #require(cases.first?["result"] as? [String: Any])
        return (try ImageFile.readLabels(output).labels, try #require(result["postprocessing"] as? [String: Any]))
    }

    @Test func segmentFollowsTheModelUnlessToldOtherwise() async throws {
        let stating = folder.file("stating.safetensors")
        let organs: [Organ] = [.liver, .stomach, .pancreas, .aorta, .spleen]
        var stored = try StoredModel(contentsOf: model)
        try stored.setPostprocessing(Postprocessing(largestComponents: organs.map(\.name)), classes: ["background"] + Organ.allCases.map(\.name))
        try stored.write(to: stating)

        let plain = try await segment(stating, "--no-postprocessing")
        let found = try await segment(stating)
        let expected = plain.labels.keepingLargestComponents(of: Set(organs.map(\.rawValue)))
        #expect(!expected.removedVoxels.isEmpty, "the network leaves islands of these organs")
        #expect(found.labels == expected.labels)
        #expect(found.told["source"] as? String == "model" && plain.told["source"] as? String == "none")
        let removed = try #require(found.told["removed"] as? [[String: Any]]).map { $0["voxels"] as? Int ?? 0 }
        #expect(removed.reduce(0, +) == expected.removedVoxels.values.reduce(0, +))

        #expect(try await segment(model).labels == plain.labels, "a model that states nothing is left alone")
        let all = try await segment(stating, "--largest-component")
        #expect(all.labels == plain.labels.keepingLargestComponents().labels)
        let both = ["segment", folder.file("ct.nii.gz").path, "-o", folder.file("x.nii").path, "--largest-component", "--no-postprocessing"]
        try await Tool.expectFailure(both, status: 64, mentioning: "contradict")
    }

    @Test func theChoiceIsStoredAndFollowed() async throws {
        let chosen = folder.file("chosen.safetensors")
        let outcome = try await Tool.run(["choose-postprocessing", model.path, list.path, "-o", chosen.path, "--json", "--device", "cpu"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("only 1 case"))
        let report = try outcome.json()
        let organs = try #require(report["organs"] as? [[String: Any]])
        #expect(organs.count == 13)
        for organ in organs {
            let isHeld = ["liver", "spleen"].contains(organ["name"] as? String)
            #expect(organ["cases"] as? Int == (isHeld ? 1 : 0))
            let dice = [organ["dice"], organ["largestDice"]].map { $0 as? Double ?? 0 }
            #expect(organ["isChosen"] as? Bool == (dice[1] - dice[0] > 0.0005), "\(organ)")
        }
        let stated = try #require(try ModelFile.read(chosen).metadata?.postprocessing)
        #expect(stated.largestComponents == organs.filter { $0["isChosen"] as? Bool == true }.compactMap { $0["name"] as? String })
        #expect(stated.basis?.contains("held-out.json") == true)

        let inspected = try await Tool.run(["inspect", chosen.path])
        #expect(inspected.output.contains("Postprocessing"))
        for name in [chosen.path, model.path] {
            #expect(try await Tool.run(["validate", name, list.path, "--no-postprocessing", "--quiet"]).status == 0)
        }
        let validated = try await Tool.run(["validate", chosen.path, list.path])
        #expect(validated.output.contains("after the model's postprocessing"), "\(validated.output)")
    }

    @Test func whatCannotBeChosenIsRefusedBeforeTheWork() async throws {
        let target = folder.file("new.safetensors")
        let command = ["choose-postprocessing", model.path, list.path]
        try await Tool.expectFailure(command + ["-o", model.path], status: 73, mentioning: "nothing is overwritten")
        try await Tool.expectFailure(command + ["-o", folder.file("new.pt").path], status: 64, mentioning: ".safetensors")
        try await Tool.expectFailure(command + ["-o", target.path, "--section", "test"], status: 65, mentioning: "has no list 'test'")
        try await Tool.expectFailure(command + ["-o", target.path, "--section", "unlabelled"], status: 65, mentioning: "\"label\"")
        let bare = folder.file("bare.safetensors")
        var state = try WeightFile.readSafetensors(model)
        state.metadata = [:]
        try WeightFile.writeSafetensors(state, to: bare)
        try await Tool.expectFailure(["choose-postprocessing", bare.path, list.path, "-o", target.path], status: 65, mentioning: "viscera export")
        #expect(!FileManager.default.fileExists(atPath: target.path))
    }
}
