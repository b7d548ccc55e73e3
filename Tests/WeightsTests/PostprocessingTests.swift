import Foundation
import Testing
import Weights

/// What a model says is done to its label maps.
@Suite struct PostprocessingTests {
    private let folder: TemporaryFolder
    private let url: URL
    private let architecture = SampleNetwork.architecture()
    private let classes = ["background", "spleen", "liver"]

    init() throws {
        folder = try TemporaryFolder()
        url = folder.url.appending(path: "model.safetensors")
    }

    private func entries(_ text: String, classes: [String]) throws -> [String: String] {
        var entries = try ModelMetadata(architecture: architecture, classes: classes).entries()
        entries["postprocessing"] = text
        return entries
    }

    @Test(arguments: [
        (#"{"largestComponents":["kidney"]}"#, "kidney"), (#"{"largestComponents":["background"]}"#, "background"),
        (#"{"largestComponents":["liver","liver"]}"#, "twice"), (#"{"largestComponents":["liver"],"holesFilled":true}"#, "update Viscera"),
        (#"{"basis":"none"}"#, "largestComponents"), (#"{"largestComponents":"liver"}"#, "largestComponents"), ("[]", ""), ("{", ""),
    ])
    func whatCannotBeIsNamedByItsKey(text: String, phrase: String) throws {
        let found = try entries(text, classes: classes)
        #expect {
            _ = try ModelMetadata(found)
        } throws: { error in
            guard case .metadata("postprocessing", let reason) = (error as? WeightError)?.problem else { return false }
            return phrase.isEmpty || reason.contains(phrase)
        }
    }

    @Test func namesNeedClasses() throws {
        let found = try entries(#"{"largestComponents":["liver"]}"#, classes: [])
        #expect(throws: WeightError.self) { try ModelMetadata(found) }
    }

    @Test func statingItLeavesTheTensorsAsTheyAre() throws {
        var metadata = ModelMetadata(architecture: architecture, classes: classes)
        (metadata.license, metadata.other) = ("Apache-2.0", ["note": "x"])
        try ModelFile.write(SampleNetwork.state(architecture), metadata: metadata, to: url, storing: .float16)
        var stored = try StoredModel(contentsOf: url)
        let choice = Postprocessing(largestComponents: ["liver"], basis: "nine cases")
        try stored.setPostprocessing(choice, classes: ["none", "of", "these"])
        let changed = folder.url.appending(path: "changed.safetensors")
        try stored.write(to: changed)
        let (before, after) = (try WeightFile.readSafetensors(url), try WeightFile.readSafetensors(changed))
        #expect(before.entries.map(\.name) == after.entries.map(\.name))
        for (one, other) in zip(before.entries, after.entries) { #expect(one.tensor == other.tensor && other.tensor.type == .float16) }
        metadata.postprocessing = choice
        #expect(try ModelMetadata(after.metadata) == metadata)
        #expect(throws: WeightError.self) { try stored.setPostprocessing(Postprocessing(largestComponents: ["kidney"]), classes: classes) }
    }

    @Test func onlyModelsOfOursCanStateIt() throws {
        try WeightFile.writeSafetensors(SampleNetwork.state(architecture), to: url)
        #expect { try StoredModel(contentsOf: url) } throws: { "\($0)".contains("viscera export") && "\($0)".contains(url.lastPathComponent) }
        let checkpoint = folder.url.appending(path: "model.pt")
        try WeightFile.writeTorchCheckpoint(SampleNetwork.state(architecture), to: checkpoint)
        #expect { try StoredModel(contentsOf: checkpoint) } throws: { "\($0)".contains("model.pt") }
    }
}
