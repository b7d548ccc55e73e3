import Evaluation
import Foundation
import MedicalImaging
import ModelArchive
import Segmentation
import TestSupport
import Testing
import Torch
import Weights

/// Validation and inference of a small archive with a network of random weights.
@Suite(.serialized) struct EvaluationTests {
    private let folder: TemporaryDirectory
    private let layout: ArchiveLayout

    init() throws {
        folder = try TemporaryDirectory()
        layout = try Fixtures.archive(in: folder)
        try Fixtures.package().writeCheckpoint(to: layout.root.appending(path: "models/model.pt"))
    }

    private func plan(_ file: String, _ settings: String...) throws -> EvaluationPlan {
        try ArchiveConfiguration(
            layout: layout, configuration: file, environment: ArchiveLayout.environment,
            settings: settings.map { try ArchiveVariables.Setting(parsing: $0) }
        ).evaluationPlan()
    }

    @Test func validationWritesScoresOfTheFilesGrid() throws {
        let evaluation = try ArchiveEvaluation(plan(ArchiveLayout.checkpointValidationConfiguration))
        #expect(evaluation.notes.contains { $0.contains("amp has no effect") })
        let metrics = try evaluation.run()
        let eval = layout.root.appending(path: "eval")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: eval.path).sorted() == [
                "case1", "case2", "metrics.csv", "val_mean_dice_raw.csv", "val_mean_dice_summary.csv",
            ])
        // The label maps written give the scores written.
        var means: [Double] = []
        for number in 1...2 {
            let written = try ImageFile.readLabels(eval.appending(path: "case\(number)/case\(number)_seg.nii.gz")).labels
            let (image, truth) = Fixtures.scan(shift: number)
            #expect(written.grid == image.grid)
            let settings = EvaluationSettings(labels: [1: "one", 2: "two"], measuresSurfaces: false)
            let scores = try CaseEvaluation(name: "case", prediction: written, reference: truth, settings: settings).scores.map(\.dice)
            #expect(metrics.details[0].values[number - 1] == scores)
            means.append(scores.reduce(0, +) / 2)
        }
        #expect(metrics.metrics[0].name == "val_mean_dice")
        // Two sums in another order.
        #expect(abs(metrics.metrics[0].value - (means[0] + means[1]) / 2) < 1e-12)
        let raw = try String(contentsOf: eval.appending(path: "val_mean_dice_raw.csv"), encoding: .utf8).split(separator: "\n")
        #expect(raw[0] == "filename,class0,class1,mean")
        #expect(raw[1].hasPrefix(layout.root.appending(path: "data/case1.nii.gz").path + ","))
    }

    @Test func validationOnTheNetworksGridNeedsNoInverse() throws {
        let url = layout.root.appending(path: ArchiveLayout.checkpointValidationConfiguration)
        let text = try String(contentsOf: url, encoding: .utf8)
        var value = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let post = try #require(value["post_transforms"] as? [[String: Any]])
        value["post_transforms"] = post.filter { !["Invertd", "SaveImaged"].contains($0["name"] as? String) }
        var steps = try #require(value["pre_transforms"] as? [[String: Any]])
        for index in steps.indices where ["Orientationd", "Spacingd", "CropForegroundd"].contains(steps[index]["name"] as? String) {
            var arguments = try #require(steps[index]["args"] as? [String: Any])
            arguments["keys"] = ["image", "label"]
            if steps[index]["name"] as? String == "Spacingd" { arguments["mode"] = ["bilinear", "nearest"] }
            steps[index]["args"] = arguments
        }
        value["pre_transforms"] = steps
        try JSONSerialization.data(withJSONObject: value).write(to: url)
        let metrics = try ArchiveEvaluation(plan(ArchiveLayout.checkpointValidationConfiguration)).run()
        #expect(metrics.details[0].values.count == 2)
        #expect(metrics.metrics[0].value.isFinite)
    }

    @Test func inferenceWritesLabelMapsOnly() throws {
        let metrics = try ArchiveEvaluation(plan(ArchiveLayout.inferenceConfiguration, "MMAR_EVAL_OUTPUT_PATH=out")).run()
        #expect(metrics.files.isEmpty)
        let names = FileManager.default.enumerator(atPath: layout.root.appending(path: "out").path)?.compactMap { $0 as? String } ?? []
        #expect(names.sorted() == ["case1", "case1/case1_seg.nii.gz", "case2", "case2/case2_seg.nii.gz"])
    }

    @Test func aWindowThatTheNetworkDoesNotHaveIsRefused() throws {
        try Fixtures.edit(layout.root.appending(path: ArchiveLayout.inferenceConfiguration), [("[32, 32, 32]", "[64, 64, 64]")])
        let error = #expect(throws: ArchiveError.self) { try ArchiveEvaluation(plan(ArchiveLayout.inferenceConfiguration)) }
        #expect(error?.description.contains("[32, 32, 32]") == true)
    }

    @Test func imagesOfOneNameAreRefused() throws {
        let data = layout.root.appending(path: "data/other")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: false)
        try ImageFile.write(Fixtures.scan(shift: 1).0, to: data.appending(path: "case1.nii.gz"))
        try Data(#"{"test": ["case1.nii.gz", "other/case1.nii.gz"]}"#.utf8).write(to: layout.root.appending(path: "config/list.json"))
        let error = #expect(throws: ArchiveError.self) { try ArchiveEvaluation(plan(ArchiveLayout.inferenceConfiguration)) }
        #expect(error?.description.contains("case1") == true)
    }
}
