import Foundation
import Models
import Preprocessing
import Segmentation
import Weights

/// A model from somebody's archive: weights, sizes and preprocessing, with an account of where each came from.
public struct ArchiveImport: Sendable {
    /// Which of an archive's weights to take.
    public enum Part: String, Sendable, CaseIterable {
        /// The network that segments.
        case segmentation
        /// The auto-encoder of pre-training.
        case pretraining

        /// Where archives keep the weights, the preferred place first.
        public var files: [String] {
            switch self {
            case .segmentation: ["models/model.pt", "models_2gpu/best_metric_model.pt", "models/best_metric_model.pt"]
            case .pretraining: ["ssl_models_2gpu/best_metric_model.pt", "ssl_models/best_metric_model.pt"]
            }
        }
    }

    /// The weights under canonical names, their sizes, and what became of names.
    public let model: ModelFile
    /// What was found and decided, one sentence each.
    public let report: [String]
    private let recipe: PreprocessingRecipe?

    /// Opens an archive.
    /// - Parameters:
    ///   - archive: a folder, or a ZIP file with or without a folder around its files.
    ///   - file: the weights inside, when they do not lie where archives keep them.
    /// - Throws: `ArchiveError` when there is no archive or no weights in it, or the configuration cannot be read; `WeightError` for weights
    ///   that are damaged, or of another network than the configuration says.
    public init(_ archive: URL, part: Part = .segmentation, file: String? = nil) throws {
        let contents = try ArchiveContents(archive)
        let scratch = FileManager.default.temporaryDirectory.appending(path: "viscera-import-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }

        let candidates = file.map { [$0] } ?? part.files
        guard let path = candidates.first(where: contents.contains) else {
            throw ArchiveError.layout(folder: archive.path, reason: "has no weights; expected \(candidates.joined(separator: " or "))")
        }
        var report = ["weights: \(path)"]
        let configuration = try contents.file(ArchiveLayout.trainingConfiguration, scratch: scratch)
        let environment = contents.contains(ArchiveLayout.environment) ? try contents.file(ArchiveLayout.environment, scratch: scratch) : nil
        let stated = try ModelSection(configuration: configuration, environment: environment)
        report.append("network: \(stated.summary) (\(stated.keyPath) of \(ArchiveLayout.trainingConfiguration))")
        report += stated.ignored

        // The tensors stay mapped after their file is removed.
        let loaded = try WeightFile.read(contents.file(path, scratch: scratch))
        if let entry = loaded.entry { report.append("the weights lie under the key '\(entry)'") }
        report += loaded.ignored.map { "left out of the checkpoint: \($0.name) (\($0.summary))" }
        model = try Self.model(loaded, stated: stated, part: part, file: path)
        report.append("\(model.state.count) tensors, \(model.mapping)")
        report += model.assumptions.map { "assumed: \($0)" }
        if part == .segmentation {
            let found = Self.recipe(contents, scratch: scratch)
            recipe = found.recipe
            report.append(found.note)
        } else {
            recipe = .pretraining
        }
        self.report = report
    }

    /// Writes a Viscera model.
    /// - Parameter provenance: how it was made; the report is added.
    public func write(to url: URL, provenance: Provenance, license: String?) throws {
        var metadata = ModelMetadata(architecture: model.architecture)
        if model.architecture.kind == .unetr { metadata.classes = ModelPackage.classNames(channels: model.architecture.outChannels) }
        if let recipe { try metadata.setRecipe(recipe) }
        metadata.roi = model.architecture.imageShape
        metadata.provenance = provenance
        metadata.provenance?.note = report.joined(separator: "; ")
        metadata.license = license
        try ModelFile.write(model.state, metadata: metadata, to: url)
    }

    /// The weights with the sizes that the configuration states, as far as shapes do not tell them.
    private static func model(_ loaded: LoadedWeights, stated: ModelSection, part: Part, file: String) throws -> ModelFile {
        var loaded = loaded
        let canonical = try NameMapping.canonical(loaded.state).state
        let inferred = InferredArchitecture(of: canonical, imageShape: stated.imageShape, headCount: stated.headCount)
        guard var architecture = inferred.architecture, inferred.problems.isEmpty else {
            throw WeightError(
                .unsupported(
                    what: "the network in \(file) (\(inferred.problems.prefix(3).joined(separator: "; ")))",
                    advice: "Viscera builds UNETR and its auto-encoder"))
        }
        guard architecture.kind == (part == .segmentation ? .unetr : .vitAutoencoder) else {
            throw WeightError(
                .mismatch(name: file, expected: part == .segmentation ? "a UNETR" : "an auto-encoder", found: architecture.kind.rawValue))
        }
        if part == .segmentation, let problem = stated.contradiction(architecture) {
            throw WeightError(.mismatch(name: "\(file), \(stated.keyPath).args.\(problem.key)", expected: problem.expected, found: problem.found))
        }
        architecture.hiddenStateTaps = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        loaded.state.metadata = ["format": ModelMetadata.format, "architecture": String(decoding: try encoder.encode(architecture), as: UTF8.self)]
        return try ModelFile(loaded)
    }

    /// The preprocessing of the archive's inference or validation, or that of the published model.
    private static func recipe(_ contents: ArchiveContents, scratch: URL) -> (recipe: PreprocessingRecipe, note: String) {
        var reasons: [String] = []
        for path in [ArchiveLayout.inferenceConfiguration, ArchiveLayout.validationConfiguration] where contents.contains(path) {
            do {
                _ = try contents.file(path, scratch: scratch)
                let environment = contents.contains(ArchiveLayout.environment) ? ArchiveLayout.environment : nil
                if let environment { _ = try contents.file(environment, scratch: scratch) }
                let root = try contents.file(path, scratch: scratch).deletingLastPathComponent().deletingLastPathComponent()
                let plan = try ArchiveConfiguration(layout: ArchiveLayout(root: root), configuration: path, environment: environment).evaluationPlan()
                return (plan.pipeline.recipe, "preprocessing: pre_transforms of \(path)")
            } catch {
                reasons.append("\(error)")
            }
        }
        let reason = reasons.isEmpty ? "the archive has no configuration of an inference or a validation" : reasons.joined(separator: "; ")
        return (.abdominalCT, "assumed: the preprocessing of the published model (RAS, 1.5 × 1.5 × 2 mm, −175…250 HU), for \(reason)")
    }
}
