import Foundation
import MedicalImaging
import Models
import Preprocessing
import Torch
import Weights

/// What a weight file says about a network.
struct ModelContent {
    var configuration: UNETRConfiguration
    var recipe: PreprocessingRecipe
    var labelNames: [UInt8: String]
    var name: String?
    var state: StateDictionary

    /// Reads a weight file; the architecture, recipe and labels come from its metadata.
    static func read(_ file: URL) throws -> ModelContent {
        let loaded = try WeightFile.read(file)
        let metadata = loaded.state.metadata
        guard let architecture = metadata["architecture"], let recipe = metadata["recipe"] else {
            throw ToolFailure(.badData, "'\(file.path)' does not say which network it belongs to: expected the metadata 'architecture' and 'recipe'")
        }
        let decoder = JSONDecoder()
        let configuration: UNETRConfiguration
        do { configuration = try decoder.decode(UNETRConfiguration.self, from: Data(architecture.utf8)) } catch {
            throw ToolFailure(.badData, "'\(file.path)': the metadata 'architecture' cannot be understood: \(error)")
        }
        return ModelContent(
            configuration: configuration, recipe: try decoder.decode(PreprocessingRecipe.self, from: Data(recipe.utf8)),
            labelNames: NetworkSource.organNames,
            name: metadata["name"], state: loaded.state)
    }
}
