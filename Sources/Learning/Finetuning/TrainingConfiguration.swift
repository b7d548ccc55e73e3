import Models
import Preprocessing
import Segmentation

/// Everything that decides a supervised training run; saved with the run. In JSON the keys of `loop` stand beside the others.
public struct TrainingConfiguration: Codable, Sendable, Equatable {
    /// How parameters are descended, measured and saved.
    public var loop = LoopOptions()
    /// The network; `imageShape` must equal `patch.shape`.
    public var network: UNETRConfiguration = .tiny
    /// How samples are made.
    public enum Recipe: String, Codable, Sendable, CaseIterable {
        /// Patches resampled from the original grids, rotated, zoomed and deformed: `patch` says how.
        case patches
        /// Crops of preprocessed volumes with the published augmentation: `patch.shape`, `.spacing` and `.window`, else `published`.
        case published
    }

    public var recipe = Recipe.patches
    /// How patches are drawn.
    public var patch = PatchOptions()
    /// The sampler and the augmentation of the published recipe.
    public var published = PublishedOptions()
    /// Patches per batch; in the published recipe volumes per batch, each giving `published.samplesPerVolume` crops.
    public var batchSize = 2
    /// How validation cases are segmented.
    public var validation = ValidationOptions()
    /// What is descended.
    public var loss = LossOptions()
    /// How memory is spared.
    public var memory = MemoryOptions()
    /// Which volumes are kept at hand.
    public var cache = CacheOptions()

    public init() {}

    private enum CodingKeys: String, CodingKey { case network, recipe, patch, published, batchSize, loss, validation, cache }

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        loop = try LoopOptions(from: decoder)
        memory = try MemoryOptions(from: decoder)
        cache = try values.decode(CacheOptions.self, forKey: .cache)
        network = try values.decode(UNETRConfiguration.self, forKey: .network)
        patch = try values.decode(PatchOptions.self, forKey: .patch)
        recipe = try values.decode(Recipe.self, forKey: .recipe)
        published = try values.decode(PublishedOptions.self, forKey: .published)
        validation = try values.decode(ValidationOptions.self, forKey: .validation)
        batchSize = try values.decode(Int.self, forKey: .batchSize)
        loss = try values.decode(LossOptions.self, forKey: .loss)
    }

    public func encode(to encoder: any Encoder) throws {
        try loop.encode(to: encoder)
        try memory.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(network, forKey: .network)
        try values.encode(patch, forKey: .patch)
        try values.encode(recipe, forKey: .recipe)
        try values.encode(published, forKey: .published)
        try values.encode(validation, forKey: .validation)
        try values.encode(batchSize, forKey: .batchSize)
        try values.encode(loss, forKey: .loss)
        try values.encode(cache, forKey: .cache)
    }

    /// What a checkpoint must have in common with the run that goes on from it, besides `loop`.
    /// - Parameter pool: the volumes that rounds draw from.
    func identity(pool: VolumePool) -> some Encodable {
        Identity(
            network: network, recipe: recipe, patch: patch, published: published, batchSize: batchSize, loss: loss, pool: PoolIdentity(pool))
    }

    private struct Identity: Encodable {
        var network: UNETRConfiguration
        var recipe: Recipe
        var patch: PatchOptions
        var published: PublishedOptions
        var batchSize: Int
        var loss: LossOptions
        var pool: PoolIdentity?
    }

    /// - Throws: `LearningError.configuration` naming the first key path that cannot be used.
    public func validate() throws(LearningError) {
        try loop.validate()
        try memory.validate()
        try cache.validate()
        try patch.validate()
        try loss.validate(channels: network.outChannels)
        try validation.validate()
        if recipe == .published { try published.validate(shape: patch.shape) }
        guard network.imageShape == patch.shape else {
            throw .configuration(keyPath: "network.imageShape", reason: "expected the patch shape \(patch.shape), found \(network.imageShape)")
        }
        guard batchSize > 0 else { throw .configuration(keyPath: "batchSize", reason: "expected at least 1, found \(batchSize)") }
    }

    /// The preprocessing that a network trained on these patches expects at inference: RAS, the patch spacing and window.
    public var preprocessing: PreprocessingRecipe {
        var recipe = PreprocessingRecipe.abdominalCT
        recipe.spacing = patch.spacing
        recipe.intensity?.lower = patch.window[0]
        recipe.intensity?.upper = patch.window[1]
        return recipe
    }

    /// Takes over what a model was trained with: the network, the size, spacing and window of its patches.
    /// - Throws: `LearningError.transfer` for a model whose preprocessing the patches cannot follow.
    public mutating func adopt(_ model: ModelPackage, file: String) throws(LearningError) {
        let recipe = model.recipe
        guard let spacing = recipe.spacing, spacing.count == 3, let window = recipe.intensity, recipe.orientation == "RAS" else {
            throw .transfer(file: file, reason: "its recipe has no RAS orientation, three spacings and intensity window, which patches need")
        }
        network = model.network.configuration
        patch.shape = network.imageShape
        patch.spacing = spacing
        patch.window = [window.lower, window.upper]
    }
}
