import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct TrainTests {
    private let folder: TemporaryDirectory
    private var list: URL { folder.file("list.json") }

    init() throws {
        folder = try TemporaryDirectory()
        try ImageFile.write(Fixtures.ball(), to: folder.file("ct.nii.gz"))
        try ImageFile.write(Fixtures.ballLabels(), to: folder.file("labels.nii.gz"))
        let item = #"{"image": "ct.nii.gz", "label": "labels.nii.gz"}"#
        try Data(#"{"training": [\#(item)], "validation": [\#(item)]}"#.utf8).write(to: list)
        let configuration = #"""
            {"steps": 3, "batchSize": 1, "validationInterval": 2, "logInterval": 1, "patch": {"shape": [32, 32, 32], "spacing": [3, 3, 3]},
             "network": {"hiddenSize": 24, "mlpSize": 48, "headCount": 2, "layerCount": 4, "featureSize": 4}}
            """#
        try Data(configuration.utf8).write(to: folder.file("config.json"))
    }

    @Test func aRunLeavesWhatItPromises() async throws {
        let out = folder.file("run")
        let outcome = try await Tool.run(["train", list.path, "-o", out.path, "--config", folder.file("config.json").path, "--recipe", "published"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        for name in ["config.json", "checkpoint.safetensors", "best.safetensors", "model.safetensors", "report.html", "metrics.jsonl"] {
            #expect(Fixtures.files(in: out).contains(name))
        }
        let resolved = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "config.json"))) as? [String: Any]
        #expect(resolved?["recipe"] as? String == "published")
        #expect(resolved?["seed"] as? Int == 42, "defaults are written down too")
        #expect(outcome.messages.contains("on the resampled grid: mean Dice of the organs, without background"))

        // More steps of the same run resume; another seed does not.
        let arguments = ["train", list.path, "-o", out.path, "--config", folder.file("config.json").path, "--recipe", "published", "--steps", "4"]
        #expect(try await Tool.run(arguments).messages.contains("going on after step 3 of 4"))
        try await Tool.expectFailureOfTraining(arguments + ["--seed", "1"], mentioning: "seed was 42, is now 1")
    }

    @Test func validateScoresBothGrids() async throws {
        let (model, out) = (folder.file("model.safetensors"), folder.file("scores"))
        try Fixtures.writeModel(to: model)
        let outcome = try await Tool.run(["validate", model.path, list.path, "-o", out.path, "--compat", "--device", "cpu"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        for phrase in ["resampled grid", "original grid", "mean of 13 organs, background excluded", "mean of 14 classes, background included"] {
            #expect(outcome.output.contains(phrase), "\(outcome.output)")
        }
        let names = ["cases-original.csv", "cases-resampled.csv", "organs-original.csv", "organs-resampled.csv", "validation.json"]
        #expect(Fixtures.files(in: out) == names)
        let report = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "validation.json"))) as? [String: Any]
        #expect((report?["figures"] as? [String: Double])?["original.meanDice13Organs"] != nil)
        #expect((report?["compat"] as? [String: Double])?.keys.sorted() == ["original", "resampled"])
    }

    @Test func aRunStartsFromAModelWithoutBeingToldItsSizes() async throws {
        let (model, out) = (folder.file("model.safetensors"), folder.file("further"))
        try Fixtures.writeModel(to: model)
        let arguments = ["train", list.path, "-o", out.path, "--model", model.path, "--steps", "1", "--batch", "1", "--device", "cpu"]
        let outcome = try await Tool.run(arguments)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("network and weights from \(model.path)"))
        let resolved = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "config.json"))) as? [String: Any]
        #expect((resolved?["network"] as? [String: Any])?["hiddenSize"] as? Int == 24)
        #expect((resolved?["patch"] as? [String: Any])?["spacing"] as? [Double] == [3, 3, 3])
        #expect(try await Tool.run(arguments).messages.contains("the run is resumed"))
        try await Tool.expectFailure(arguments + ["--pretrained", model.path], status: 64, mentioning: "--model starts the whole network")
    }

    /// Pre-training of the whole network, from its command to the training that starts there.
    @Test func aTrainingStartsFromAPretrainedNetwork() async throws {
        let (encoder, out, config) = (folder.file("encoder"), folder.file("fine"), folder.file("config.json").path)
        let pretraining = try await Tool.run(
            ["pretrain", list.path, "-o", encoder.path, "--network", config, "--restorer", "unetr", "--roi", "32", "--batch", "1", "--steps", "2"])
        #expect(pretraining.status == 0, "\(pretraining.messages)")
        let model = encoder.appending(path: "model.safetensors").path
        let arguments = ["train", list.path, "-o", out.path, "--config", config, "--steps", "1", "--pretrained", model]
        let outcome = try await Tool.run(arguments)
        #expect(outcome.status == 0 && outcome.messages.contains("network from \(model): copied"), "\(outcome.messages)")
        #expect(!outcome.messages.contains("only in part"))
        let other = ["train", list.path, "-o", folder.file("encoder-only").path, "--config", config, "--steps", "1", "--pretrained", model]
        #expect(try await Tool.run(other + ["--transfer", "encoder"]).messages.contains("encoder from \(model): copied"))
        try await Tool.expectFailure(
            ["segment", folder.file("ct.nii.gz").path, "-o", folder.file("no.nii.gz").path, "--model", model], status: 65,
            mentioning: "restoringUNETR")
        try await Tool.expectFailure(
            ["train", list.path, "-o", out.path, "--transfer", "network"], status: 64, mentioning: "--transfer says what is taken")
    }

    @Test(arguments: [
        (#"{"learningrate": 1}"#, "learningrate"), (#"{"patch": {"shape": [30, 32, 32]}}"#, "patch.shape"),
        (#"{"loss": {"smoothing": 1}}"#, "loss.smoothing"),
    ])
    func aBadConfigurationIsRefusedByKey(text: String, key: String) async throws {
        let file = folder.file("bad.json")
        try Data(text.utf8).write(to: file)
        try await Tool.expectFailure(["train", list.path, "-o", folder.file("bad").path, "--config", file.path], status: 65, mentioning: key)
    }

    /// The dry run before the first step needs more than the limit: no hours are lost, and no model is left.
    @Test func aLackOfMemoryIsOneErrorBeforeTheFirstStep() async throws {
        let out = folder.file("short")
        let arguments = [list.path, "-o", out.path, "--config", folder.file("config.json").path, "--max-memory", "2MB"]
        let outcome = try await Tool.run(["train"] + arguments)
        #expect(outcome.status == 75, "\(outcome.messages)")
        #expect(outcome.errors.count == 1, "\(outcome.messages)")
        for phrase in ["not enough memory", "left of the 2 MB that tensors may take", "--micro-batch", "--checkpoint-activations"] {
            #expect(outcome.errors.first?.contains(phrase) ?? false, "\(outcome.messages)")
        }
        #expect(!Fixtures.files(in: out).contains { $0.hasSuffix(".safetensors") })
    }

    @Test func aMissingSectionIsNamed() async throws {
        let model = folder.file("model.safetensors")
        try Fixtures.writeModel(to: model)
        try await Tool.expectFailure(["validate", model.path, list.path, "--section", "test"], status: 65, mentioning: "has no list 'test'")
    }
}

extension Tool {
    /// Expects a training to end with status 65 and an error that mentions `phrase`, after the notes about what was read.
    fileprivate static func expectFailureOfTraining(_ arguments: [String], mentioning phrase: String) async throws {
        let outcome = try await run(arguments)
        #expect(outcome.status == 65, "\(outcome.messages)")
        #expect(outcome.errors.first?.contains(phrase) ?? false, "\(outcome.messages)")
    }
}
