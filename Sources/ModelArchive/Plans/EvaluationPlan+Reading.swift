import Foundation
import Weights

extension ArchiveConfiguration {
    /// The validation or inference that the configuration describes.
    /// - Throws: `ArchiveError.configuration` naming the key path of what is missing, contradictory or not computed by Viscera.
    public func evaluationPlan() throws(ArchiveError) -> EvaluationPlan {
        guard let section = document.sections[""] else {
            throw document.place["train"].failure("this configuration describes a training; expected one of a validation or an inference")
        }
        guard let window = try window(section) else { throw section.place["inferer"].failure("expected SlidingWindowInferer") }
        let pipeline = try ImagePipeline(section[.transforms])
        guard pipeline.random.isEmpty else { throw section.place["pre_transforms"].failure("expected no random transforms in an evaluation") }
        let evaluator = try section.one(.evaluator)
        let postprocessing = section[.postprocessing]
        try checkPostprocessing(postprocessing)
        let loader = try section.one(.dataloader)
        try loader.require("batch_size", [nil, 1].contains(loader.integer("batch_size")), "1: volumes have different sizes")
        let reduced = try reducedPrecision(evaluator)
        let returns = postprocessing.contains { $0.name == "Invertd" }
        var plan = EvaluationPlan(
            weights: try modelWeights(), data: try data(section), pipeline: pipeline, window: window,
            usesReducedPrecision: reduced, returnsToOriginalGrid: returns,
            keepsLargestComponents: postprocessing.contains { $0.name == "KeepLargestConnectedComponentd" }, metrics: try metrics(section),
            metricsFolder: nil, savedMetrics: [], detailedMetrics: [], outputFolder: nil)
        if !plan.metrics.isEmpty, returns, pipeline.transformsLabels {
            throw section.place["pre_transforms"].failure(
                "label maps are resampled, but predictions return to the file's grid (Invertd): name the key 'label' in neither, or leave Invertd out"
            )
        }
        if let saver = section[.handlers].first(where: { $0.name == "MetricsSaver" }) { try read(saver, into: &plan) }
        if let saver = postprocessing.first(where: { $0.name == "SaveImaged" }) {
            guard returns else { throw saver.place.failure("needs Invertd before it: labels are written on the grid of their image") }
            plan.outputFolder = url(try saver.required("output_dir", saver.text("output_dir")))
            plan.outputPostfix = saver.text("output_postfix") ?? "seg"
            try saver.require("output_postfix", !plan.outputPostfix.contains("/"), "a part of a file name")
        }
        plan.notes = document.notes
        return plan
    }

    private func read(_ saver: Component, into plan: inout EvaluationPlan) throws(ArchiveError) {
        plan.metricsFolder = url(try saver.required("save_dir", saver.text("save_dir")))
        let known = Set(plan.metrics.map(\.label))
        // "*" stands for all, as in MONAI.
        let metrics = saver.texts("metrics") ?? ["*"]
        let details = saver.texts("metric_details") ?? []
        for (argument, names) in [("metrics", metrics), ("metric_details", details)] {
            for name in names where name != "*" && !known.contains(name) {
                throw saver.place(argument).failure("no metric is called '\(name)'; there are \(known.sorted().joined(separator: ", "))")
            }
        }
        plan.savedMetrics = metrics == ["*"] ? plan.metrics.map(\.label) : metrics
        plan.detailedMetrics = details == ["*"] ? plan.metrics.map(\.label) : details
        try saver.require("summary_ops", [nil, ["*"]].contains(saver.texts("summary_ops")), "'*'")
    }

    /// The first weight file of `model` that is not disabled.
    private func modelWeights() throws(ArchiveError) -> EvaluationPlan.Weights {
        let place = document.place["model"]
        guard let value = document.weights else { throw place.failure("is missing; expected {\"ckpt_path\": \"{MMAR_CKPT}\"}") }
        var found: [EvaluationPlan.Weights] = []
        for (index, element) in (value.elements ?? [value]).enumerated() {
            let place = value.elements == nil ? place : place[index]
            for member in element.members ?? [] where !["ts_path", "ckpt_path", "disabled"].contains(member.name) {
                throw place[member.name].failure("is not known; known are ts_path, ckpt_path, disabled")
            }
            switch element["disabled"] {
            case nil, .bool(false): break
            case .bool(true): continue
            case .some(let other): throw place["disabled"].failure("expected true or false, found \(other.canonicalText)")
            }
            if let path = element["ts_path"]?.text { found.append(.torchScript(url(path))) }
            if let path = element["ckpt_path"]?.text { found.append(.checkpoint(url(path))) }
        }
        guard found.count == 1 else {
            throw place.failure(
                "expected one enabled weight file, found \(found.count); set one of dont_load_ts_model and dont_load_ckpt_model to False")
        }
        return found[0]
    }
}
