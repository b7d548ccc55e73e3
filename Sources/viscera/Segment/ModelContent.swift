import Foundation
import MedicalImaging
import Models
import Preprocessing
import Weights

/// What a weight file says about a network, and what had to be assumed.
struct ModelContent {
    var configuration: UNETRConfiguration
    var recipe: PreprocessingRecipe
    /// The names of the labels, background left out.
    var labelNames: [UInt8: String]
    /// The tensors under the names of the network's parameters.
    var state: StateDictionary
    /// What the file does not say and was assumed, in sentences.
    var assumptions: [String] = []

    /// Reads a model of Viscera, or a UNETR saved by any generation of MONAI.
    /// - Throws: `WeightError` naming the file, `ToolFailure` for a network that does not segment.
    static func read(_ file: URL) throws -> ModelContent {
        let loaded = try WeightFile.read(file)
        do {
            return ModelMetadata.isPresent(in: loaded.state.metadata) ? try own(loaded.state) : try foreign(loaded)
        } catch let error as WeightError {
            var named = error
            named.path = error.path ?? file.path
            throw named
        }
    }

    private static func own(_ state: StateDictionary) throws -> ModelContent {
        guard let configuration = try decode(UNETRConfiguration.self, "architecture", state),
            let recipe = try decode(PreprocessingRecipe.self, "recipe", state)
        else { throw WeightError(.metadata(key: "architecture or recipe", reason: "it is missing; is this a model that segments?")) }
        let classes = try decode([String].self, "classes", state) ?? []
        guard classes.isEmpty || classes.count == configuration.outChannels else {
            throw WeightError(
                .metadata(key: "classes", reason: "expected \(configuration.outChannels) names, one per channel, found \(classes.count)"))
        }
        return ModelContent(
            configuration: configuration, recipe: recipe, labelNames: names(classes, channelCount: configuration.outChannels),
            state: try NameMapping.canonical(state).state)
    }

    /// A checkpoint without metadata of ours: sizes from the tensors, the recipe that abdominal networks of this family are trained with.
    private static func foreign(_ loaded: LoadedWeights) throws -> ModelContent {
        let model = try ModelFile(loaded)
        guard model.architecture.kind == .unetr else {
            throw ToolFailure(.badData, "the weights are of a \(model.architecture.kind.rawValue), which does not segment; expected a UNETR")
        }
        let encoder = JSONEncoder()
        let configuration = try JSONDecoder().decode(UNETRConfiguration.self, from: encoder.encode(model.architecture))
        let recipe = PreprocessingRecipe.abdominalCT
        let sentence = "the preprocessing of abdominal CT: RAS, 1.5 × 1.5 × 2 mm, −175 to 250 HU"
        return ModelContent(
            configuration: configuration, recipe: recipe, labelNames: names([], channelCount: configuration.outChannels), state: model.state,
            assumptions: model.assumptions + [sentence])
    }

    /// The names that the file gives, else the organs for fourteen channels, else numbers.
    private static func names(_ classes: [String], channelCount: Int) -> [UInt8: String] {
        if classes.isEmpty, channelCount == Organ.channelCount { return NetworkSource.organNames }
        let labels = (1..<max(2, min(channelCount, 256))).map { ($0, $0 < classes.count ? classes[$0] : "class \($0)") }
        return Dictionary(uniqueKeysWithValues: labels.map { (UInt8($0.0), $0.1) })
    }

    private static func decode<Value: Decodable>(_: Value.Type, _ key: String, _ state: StateDictionary) throws -> Value? {
        guard let text = state.metadata[key] else { return nil }
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw WeightError(.metadata(key: key, reason: "it cannot be understood: \(error)"))
        }
    }
}
