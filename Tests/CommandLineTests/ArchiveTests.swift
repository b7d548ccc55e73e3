import Foundation
import MedicalImaging
import TestSupport
import Testing

/// A model archive from its making to scores, by all of its own scripts for one process, on phantoms and with a small network.
@Suite(.serialized) struct ArchiveTests {
    private let folder: TemporaryDirectory
    private var root: URL { folder.file("mmar") }
    private var data: URL { folder.file("data") }

    init() throws { folder = try TemporaryDirectory() }

    /// Runs a script of the archive from another folder; both of its streams are the output.
    private func run(_ script: String, _ settings: String...) async throws -> (status: Int32, output: String) {
        // Settings of the second stage would be none of the first.
        let stage = script == "pretrain.sh" ? "PRETRAIN_" : ""
        let arguments = settings + ["\(stage)DATASET_JSON=\(data.path)/list.json", "\(stage)DATA_ROOT=\(data.path)", "use_gpu=False"]
        let viscera: URL = try #require(Tool.executable)
        let variables = ProcessInfo.processInfo.environment.merging(["VISCERA": viscera.path]) { $1 }
        let outcome = try await Program.run(
            root.appending(path: "commands/\(script)"), arguments, environment: variables, in: URL(filePath: "/"))
        return (outcome.status, outcome.output + outcome.messages)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }

    @Test func fromDataToScores() async throws {
        for arguments in [
            ["phantom", "-o", data.path, "-n", "3", "--seed", "5", "--shape", "40", "--spacing", "8"],
            ["dataset", "split", "\(data.path)/dataset.json", "-o", "\(data.path)/list.json", "--shares", "training=2,validation=1"],
            ["dataset", "check", "\(data.path)/list.json"],
            ["archive", "create", root.path, "--network", "tiny", "--roi", "32", "--spacing", "8"],
        ] {
            let outcome = try await Tool.run(arguments)
            #expect(outcome.status == 0, "\(arguments): \(outcome.messages)")
        }
        let pretrained = try await run("pretrain.sh", "epochs=1", "num_interval_per_valid=1")
        #expect(pretrained.status == 0 && exists("ssl_models/best_metric_model.pt"), "\(pretrained.output)")
        let trained = try await run("train.sh", "epochs=1", "num_interval_per_valid=1", "dont_load_pretraining=False")
        #expect(trained.status == 0 && trained.output.contains("started from"), "\(trained.output)")
        #expect(trained.output.contains("epochs = 1") && trained.output.contains("finished at step 2"), "\(trained.output)")
        for file in ["models/model.pt", "models/final_model.pt", "models/train_stats.json", "models/checkpoint.safetensors"] {
            #expect(exists(file), "\(file)")
        }

        let validated = try await run("validate_ckpt.sh")
        #expect(validated.status == 0, "\(validated.output)")
        let metrics = try String(contentsOf: root.appending(path: "eval/metrics.csv"), encoding: .utf8)
        #expect(metrics.hasPrefix("val_mean_dice,"))
        let rows = try String(contentsOf: root.appending(path: "eval/val_mean_dice_raw.csv"), encoding: .utf8).split(separator: "\n")
        #expect(rows.count == 2 && rows[0].hasSuffix("class12,mean"))
        #expect(exists("eval/val_mean_dice_summary.csv"))

        let inferred = try await run("infer.sh", "INFER_DATALIST_KEY=training", "MMAR_EVAL_OUTPUT_PATH=out")
        #expect(inferred.status == 0, "\(inferred.output)")
        let stems = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "out").path)
        #expect(stems.count == 2 && stems.allSatisfy { exists("out/\($0)/\($0)_seg.nii.gz") }, "\(stems)")

        let exported = try await run("export.sh")
        #expect(exported.status == 0 && exists("models/model.ts"), "\(exported.output)")
        let scripted = try await run("validate.sh", "MMAR_EVAL_OUTPUT_PATH=scripted")
        #expect(scripted.status == 0, "\(scripted.output)")
        // The same network on the same windows; programs differ in rounding only.
        let other = try String(contentsOf: root.appending(path: "scripted/metrics.csv"), encoding: .utf8)
        let values = [metrics, other].map { Double($0.trimmingCharacters(in: .newlines).split(separator: ",")[1]) ?? .nan }
        #expect(abs(values[0] - values[1]) < 1e-3, "\(values)")
        let finetuned = try await run("finetune.sh", "epochs=1", "num_interval_per_valid=1")
        #expect(finetuned.status == 0 && finetuned.output.contains("model.pt"), "\(finetuned.output)")
        #expect(finetuned.output.contains("started from") && finetuned.output.contains("finished at step 2"), "\(finetuned.output)")
        let imported = try await Tool.run(["archive", "import", root.path, "-o", folder.file("imported.safetensors").path])
        #expect(imported.status == 0 && imported.output.contains("weights: models/model.pt"), "\(imported.output) \(imported.messages)")
        #expect(imported.output.contains("preprocessing: pre_transforms of config/config_inference.json"))
    }

    @Test func mistakesAreNamed() async throws {
        #expect(try await Tool.run(["archive", "create", root.path]).status == 0)
        try await Tool.expectFailure(["archive", "create", root.path], status: 73, mentioning: "exists already")
        try await Tool.expectFailure(["archive", "validate", "-m", root.path], status: 65, mentioning: "commands/train.sh")
        try await Tool.expectFailure(["archive", "infer", "-m", folder.file("none").path], status: 65, mentioning: "archive create")
        try await Tool.expectFailure(["train", "-m", root.path, "--set", "epochz=3"], status: 65, mentioning: "epochz")
        try await Tool.expectFailure(["train", "-m", root.path, "--steps", "3"], status: 64, mentioning: "--set")
        try await Tool.expectFailure(["train"], status: 64, mentioning: "datalists")
        try await Tool.expectFailure(["archive", "import", folder.url.path, "-o", "x.safetensors"], status: 65, mentioning: "config_train.json")
    }
}
