import Foundation
import Weights

extension ArchiveConfiguration {
    /// The training that the configuration describes.
    /// - Throws: `ArchiveError.configuration` naming the key path of what is missing, contradictory or not computed by Viscera.
    public func trainingPlan() throws(ArchiveError) -> TrainingPlan {
        guard let train = document.sections["train"] else { throw document.place["train"].failure("is missing; this is no training configuration") }
        let network = try NetworkPlan(try train.one(.model))
        let loss = try LossPlan(train[.loss], at: train.place["loss"])
        let loader = try train.one(.dataloader)
        let trainer = try train.one(.trainer)
        guard let epochs = trainer.integer("max_epochs"), epochs > 0 else { throw trainer.place("max_epochs").failure("expected at least 1") }
        try checkKinds(network, loss, trainer)
        let reduced = try reducedPrecision(trainer)
        var plan = TrainingPlan(
            network: network, loss: loss, optimizer: try OptimizerPlan(try train.one(.optimizer)), pipeline: try ImagePipeline(train[.transforms]),
            data: try data(train), batchSize: loader.integer("batch_size") ?? 1, shuffles: loader.flag("shuffle") ?? false, epochs: epochs,
            validationInterval: nil, seed: try seed(), usesReducedPrecision: reduced,
            folder: url(try document.value("MMAR_CKPT_DIR")?.text ?? "models"))
        try loader.require("batch_size", plan.batchSize >= 1, "at least 1")
        if let schedule = train[.schedule].first { plan.schedule = try SchedulePlan(schedule) }
        try read(train[.handlers], into: &plan)
        if let validate = document.sections["validate"], plan.validationInterval != nil { try read(validate, into: &plan) }
        plan.notes = document.notes
        return plan
    }

    /// Whether a trainer or evaluator computes in half precision: its own argument, or the switch of the whole configuration.
    func reducedPrecision(_ component: Component) throws(ArchiveError) -> Bool {
        if let own = component.flag("amp") { return own }
        return try document.flag("amp", false)
    }

    private func seed() throws(ArchiveError) -> UInt64 {
        guard let determinism = try document.value("determinism"), determinism != .null else { return 0 }
        let seed = determinism["random_seed"] ?? determinism
        guard let number = seed.integer, number >= 0 else {
            throw document.place["determinism"].failure("expected {\"random_seed\": number}, found \(determinism.canonicalText)")
        }
        return UInt64(number)
    }

    /// Network, loss and trainer belong together.
    private func checkKinds(_ network: NetworkPlan, _ loss: LossPlan, _ trainer: Component) throws(ArchiveError) {
        switch (network, loss, trainer.name) {
        case (.unetr, .diceCrossEntropy, "SupervisedTrainer"), (.autoencoder, .reconstruction, "SelfSupervisedTrainer"): return
        default:
            throw trainer.place.failure(
                "\(trainer.name) does not go with this model and loss; expected UNETR, DiceCELoss and SupervisedTrainer, or ViTAutoEnc, L1Loss with "
                    + "ContrastiveLoss and the path viscera.SelfSupervisedTrainer")
        }
    }

    private func read(_ handlers: [Component], into plan: inout TrainingPlan) throws(ArchiveError) {
        for handler in handlers {
            switch handler.name {
            case "CheckpointLoader":
                guard plan.initialWeights == nil else { throw handler.place.failure("is the second enabled CheckpointLoader; disable one of them") }
                plan.initialWeights = .init(
                    file: url(try handler.required("load_path", handler.text("load_path"))), isStrict: handler.flag("strict") ?? true)
            case "ValidationHandler":
                let interval = handler.integer("interval") ?? 1
                try handler.require("interval", interval >= 1, "at least 1")
                try handler.require("epoch_level", handler.flag("epoch_level") ?? true, "true")
                plan.validationInterval = interval
            case "EarlyStopHandler": plan.patience = try handler.required("patience", handler.integer("patience"))
            case "CheckpointSaver": try readSaver(handler, into: &plan)
            default: break
            }
        }
    }

    private func readSaver(_ handler: Component, into plan: inout TrainingPlan) throws(ArchiveError) {
        if let folder = handler.text("save_dir") { plan.folder = url(folder) }
        if let name = handler.text("key_metric_filename") { plan.bestName = name }
        if handler.flag("save_final") == true { plan.finalName = handler.text("final_filename") ?? "final_model.pt" }
        for (argument, name) in [("key_metric_filename", plan.bestName), ("final_filename", plan.finalName ?? "x.pt")] {
            let isName = !name.contains("/") && (name.hasSuffix(".pt") || name.hasSuffix(".safetensors"))
            try handler.require(argument, isName, "a file name that ends in .pt or .safetensors")
        }
    }

    private func read(_ validate: ConfigurationDocument.Section, into plan: inout TrainingPlan) throws(ArchiveError) {
        let metrics = try metrics(validate)
        guard let metric = metrics.first, !validate[.metric].isEmpty else { throw validate.place["key_metric"].failure("is missing") }
        let expected: MetricPlan.Kind = if case .unetr = plan.network { .meanDice } else { .meanAbsoluteError }
        guard metric.kind == expected else {
            throw validate.place["key_metric"].failure("expected \(expected == .meanDice ? "MeanDice" : "MeanAbsoluteError") for this network")
        }
        _ = try validate.one(.evaluator)
        try checkPostprocessing(validate[.postprocessing])
        plan.validation = TrainingPlan.ValidationPlan(
            data: try data(validate), pipeline: try ImagePipeline(validate[.transforms]), window: try window(validate), metric: metric)
        if expected == .meanDice, plan.validation?.window == nil { throw validate.place["inferer"].failure("expected SlidingWindowInferer") }
        try read(validate[.handlers], into: &plan)
    }
}
