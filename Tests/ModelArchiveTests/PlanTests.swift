import Foundation
import Learning
import ModelArchive
import Models
import Preprocessing
import TestSupport
import Testing
import Torch

/// What the configurations of a new archive mean: the published recipes (specification §1 and §3).
@Suite struct PlanTests {
    private let folder: TemporaryDirectory
    private let layout: ArchiveLayout

    init() throws {
        folder = try TemporaryDirectory()
        layout = ArchiveLayout(root: folder.file("mmar"))
        try ArchiveBlueprint().create(at: layout.root)
    }

    private func configuration(_ file: String, _ settings: String...) throws -> ArchiveConfiguration {
        try ArchiveConfiguration(
            layout: layout, configuration: file, environment: ArchiveLayout.environment,
            settings: settings.map { try ArchiveVariables.Setting(parsing: $0) })
    }

    @Test func training() throws {
        let plan = try configuration(ArchiveLayout.trainingConfiguration).trainingPlan()
        #expect(plan.network == .unetr(.base))
        #expect(plan.loss == .diceCrossEntropy(LossPlan.DiceOptions()))
        #expect(plan.optimizer == OptimizerPlan(isDecoupled: false, learningRate: 1e-4))
        #expect(plan.schedule == .step(epochs: 5000, factor: 0.1))
        #expect(plan.pipeline.recipe == .abdominalCT && plan.pipeline.transformsLabels)
        #expect(
            plan.pipeline.random == [
                .cropByLabel(shape: [96, 96, 96], positive: 1, negative: 1, samples: 4, threshold: 0), .flip(axis: 0, probability: 0.1),
                .flip(axis: 1, probability: 0.1), .flip(axis: 2, probability: 0.1), .rotate90(axes: [0, 1], turns: 3, probability: 0.1),
                .shiftIntensity(offset: 0.1, probability: 0.5),
            ])
        #expect(plan.batchSize == 1 && plan.epochs == 3000 && plan.validationInterval == 4 && plan.seed == 0 && plan.usesReducedPrecision)
        #expect(plan.data.list.path == layout.root.appending(path: "config/btcv_dataset_0.json").path)
        #expect(plan.data.base?.path == "/data/BTCV" && plan.data.section == "training")
        #expect(plan.bestName == "model.pt" && plan.finalName == "final_model.pt")
        let validation = try #require(plan.validation)
        #expect(validation.pipeline.recipe == .abdominalCT && validation.pipeline.transformsLabels && validation.pipeline.random.isEmpty)
        #expect(validation.window?.shape == [96, 96, 96] && validation.window?.overlap == 0.25 && validation.window?.batchSize == 4)
        #expect(validation.metric.label == "val_mean_dice" && validation.data.section == "validation")
    }

    @Test func finetuning() throws {
        let plan = try configuration(ArchiveLayout.finetuningConfiguration).trainingPlan()
        #expect(plan.epochs == 1260)
        #expect(plan.initialWeights?.file.path == layout.root.appending(path: "models/model.pt").path)
    }

    @Test func pretraining() throws {
        let plan = try configuration(ArchiveLayout.pretrainingConfiguration).trainingPlan()
        #expect(plan.network == .autoencoder(VisionTransformerConfiguration(), decoderChannels: 16))
        #expect(plan.loss == .reconstruction(temperature: 0.05))
        var recipe = PreprocessingRecipe.pretraining
        recipe.keepsVolumeWithoutForeground = plan.pipeline.recipe.keepsVolumeWithoutForeground
        #expect(plan.pipeline.recipe == recipe)
        #expect(plan.pipeline.random[0] == .crop(shape: [96, 96, 96], samples: 2))
        #expect(plan.pipeline.random[1] == .copy(names: ["gt_image", "image_2"]))
        let inner = RandomTransform.coarseDropout(
            key: "image", holes: 6, smallest: [5, 5, 5], largest: [32, 32, 32], dropsHoles: true, probability: 1)
        let outer = RandomTransform.coarseDropout(
            key: "image", holes: 6, smallest: [20, 20, 20], largest: [64, 64, 64], dropsHoles: false, probability: 1)
        #expect(plan.pipeline.random[2] == .oneOf([inner, outer], weights: [1, 1]))
        #expect(plan.pipeline.random[3] == .coarseShuffle(key: "image", holes: 10, shape: [8, 8, 8], probability: 0.8))
        #expect(plan.pipeline.random.count == 6)
        #expect(plan.batchSize == 4 && plan.epochs == 400 && plan.validationInterval == 2 && !plan.usesReducedPrecision)
        #expect(plan.validation?.metric.kind == .meanAbsoluteError && plan.validation?.window == nil)
        #expect(plan.bestName == "best_metric_model.pt" && plan.folder.lastPathComponent == "ssl_models")
        #expect(plan.data.list.lastPathComponent == "tcia_dataset_split.json")
    }

    @Test func cachesAreThoseOfMONAI() throws {
        let url = layout.root.appending(path: ArchiveLayout.trainingConfiguration)
        let whole = try String(contentsOf: url, encoding: .utf8)
        func plan(_ data: String, _ arguments: String) throws -> TrainingPlan {
            let text = whole.replacing("\"CacheDataset\"", with: "\"\(data)\"").replacing(/"cache_rate": [0-9.]+/, with: arguments)
            try Data(text.utf8).write(to: url)
            return try configuration(ArchiveLayout.trainingConfiguration).trainingPlan()
        }
        let shipped = try configuration(ArchiveLayout.trainingConfiguration).trainingPlan()
        #expect(shipped.data.cache.rate == 1 && shipped.data.cache.replaceRate == nil)
        let chosen = try plan("CacheDataset", #""cache_num": 12, "cache_rate": 0.5"#)
        #expect(chosen.data.cache.count == 12 && chosen.data.cache.rate == 0.5)
        #expect(chosen.validation?.data.cache.count == 12)
        let kept = try plan("PersistentDataset", #""cache_dir": "cache""#)
        #expect(kept.data.cache.folder == layout.root.appending(path: "cache").path)
        let smart = try plan("SmartCacheDataset", #""cache_num": 6, "replace_rate": 0.2"#)
        #expect(smart.data.cache.replaceRate == 0.2 && smart.data.cache.pool(of: 24, seed: 0).size == 6)
        // An epoch shows the pool: 6 steps, so that 3000 epochs are as many steps as of a list of 6.
        let native = try TrainingConfiguration(smart, volumes: 24, device: .cpu, file: "file")
        #expect(native.loop.validationInterval == 4 * 6)
        let error = #expect(throws: ArchiveError.self) { try plan("SmartCacheDataset", #""cache_num": 6, "replace_rate": 0"#) }
        #expect(error?.description.contains("replace_rate") == true)
    }

    @Test func validation() throws {
        let scripted = try configuration(ArchiveLayout.validationConfiguration).evaluationPlan()
        #expect(scripted.weights == .torchScript(layout.file("models/model.ts")))
        let plan = try configuration(ArchiveLayout.checkpointValidationConfiguration).evaluationPlan()
        #expect(plan.weights == .checkpoint(layout.file("models/model.pt")))
        // The label stays on its own grid: Dice at native resolution.
        #expect(plan.pipeline.recipe == .abdominalCT && !plan.pipeline.transformsLabels && plan.returnsToOriginalGrid)
        #expect(plan.metrics == [MetricPlan(kind: .meanDice, label: "val_mean_dice", includesBackground: false)])
        #expect(
            plan.metricsFolder?.lastPathComponent == "eval" && plan.savedMetrics == ["val_mean_dice"] && plan.detailedMetrics == ["val_mean_dice"])
        #expect(plan.outputFolder?.lastPathComponent == "eval" && plan.outputPostfix == "seg")
        #expect(plan.window.overlap == 0.5 && plan.window.blending == .constant)
        let error = #expect(throws: ArchiveError.self) {
            try configuration(ArchiveLayout.validationConfiguration, "dont_load_ckpt_model=False").evaluationPlan()
        }
        #expect(error?.description.contains("one enabled weight file, found 2") == true)
    }

    @Test func inference() throws {
        let plan = try configuration(ArchiveLayout.inferenceConfiguration).evaluationPlan()
        #expect(plan.metrics.isEmpty && plan.metricsFolder == nil && plan.data.section == "test")
        #expect(plan.outputFolder?.lastPathComponent == "eval")
        #expect(throws: ArchiveError.self) { try configuration(ArchiveLayout.trainingConfiguration).evaluationPlan() }
        #expect(throws: ArchiveError.self) { try configuration(ArchiveLayout.inferenceConfiguration).trainingPlan() }
    }

    @Test func resampledLabelsAndOriginalGridsDoNotMix() throws {
        let url = layout.root.appending(path: ArchiveLayout.checkpointValidationConfiguration)
        try Fixtures.edit(
            url,
            [
                (#""keys": ["image"],"#, #""keys": ["image", "label"],"#), (#""mode": ["bilinear"]"#, #""mode": ["bilinear", "nearest"]"#),
            ])
        let error = #expect(throws: ArchiveError.self) { try configuration(ArchiveLayout.checkpointValidationConfiguration).evaluationPlan() }
        #expect(error?.description.contains("Invertd") == true)
    }
}
