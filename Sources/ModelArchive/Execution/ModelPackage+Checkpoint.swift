import Foundation
import Segmentation
import Weights

extension ModelPackage {
    /// Writes a checkpoint that `torch.load(…, weights_only=True)` reads: `{"model": state_dict, "metadata": {…}}` (Clara Train's form), atomically.
    ///
    /// Names are those of MONAI 0.9–1.3. The metadata hold what a Viscera model file says of itself, so that the file reads back as the package.
    /// - Parameter configuration: the training's configuration, kept as text under `train_conf`.
    public func writeCheckpoint(to url: URL, configuration: String? = nil) throws {
        let architecture = try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(network.configuration))
        var metadata = ModelMetadata(architecture: architecture, classes: classNames)
        try metadata.setRecipe(recipe)
        metadata.roi = network.configuration.imageShape
        metadata.provenance = provenance
        metadata.license = license
        metadata.postprocessing = postprocessing
        if let configuration { metadata.other["train_conf"] = configuration }
        try WeightFile.writeTorchCheckpoint(try network.stateDictionary(metadata: metadata.entries()), to: url, entry: "model")
    }
}
