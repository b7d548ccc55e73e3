import Models
import Preprocessing

extension PretrainingConfiguration {
    private enum CodingKeys: String, CodingKey {
        case network, restorer, decoderChannels, featureSize, hiddenStateTaps, recipe, flipProbability, corruption, objective, volumesPerStep,
            cropsPerVolume, cache
    }

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        loop = try LoopOptions(from: decoder)
        memory = try MemoryOptions(from: decoder)
        cache = try values.decode(CacheOptions.self, forKey: .cache)
        network = try values.decode(VisionTransformerConfiguration.self, forKey: .network)
        restorer = try values.decode(Restorer.self, forKey: .restorer)
        decoderChannels = try values.decode(Int.self, forKey: .decoderChannels)
        featureSize = try values.decode(Int.self, forKey: .featureSize)
        hiddenStateTaps = try values.decodeIfPresent([Int].self, forKey: .hiddenStateTaps)
        recipe = try values.decode(PreprocessingRecipe.self, forKey: .recipe)
        flipProbability = try values.decode(Double.self, forKey: .flipProbability)
        corruption = try values.decode(Corruption.self, forKey: .corruption)
        objective = try values.decode(PretrainingObjective.self, forKey: .objective)
        volumesPerStep = try values.decode(Int.self, forKey: .volumesPerStep)
        cropsPerVolume = try values.decode(Int.self, forKey: .cropsPerVolume)
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        try loop.encode(to: encoder)
        try memory.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(network, forKey: .network)
        try values.encode(restorer, forKey: .restorer)
        try values.encode(decoderChannels, forKey: .decoderChannels)
        try values.encode(featureSize, forKey: .featureSize)
        try values.encode(hiddenStateTaps, forKey: .hiddenStateTaps)
        try values.encode(recipe, forKey: .recipe)
        try values.encode(flipProbability, forKey: .flipProbability)
        try values.encode(corruption, forKey: .corruption)
        try values.encode(objective, forKey: .objective)
        try values.encode(volumesPerStep, forKey: .volumesPerStep)
        try values.encode(cropsPerVolume, forKey: .cropsPerVolume)
        try values.encode(cache, forKey: .cache)
    }

    /// What a checkpoint must have in common with the run that goes on from it, besides the loop's options: everything else, and the data.
    func identity(volumes: SampleStore<PretrainingVolume>) -> some Encodable {
        Identity(
            network: network, restorer: restorer, decoderChannels: decoderChannels, featureSize: featureSize,
            hiddenStateTaps: hiddenStateTaps, recipe: recipe,
            flipProbability: flipProbability, corruption: corruption, objective: objective, volumesPerStep: volumesPerStep,
            cropsPerVolume: cropsPerVolume, volumes: volumes.items.map(\.name),
            pool: PoolIdentity(volumes.pool))
    }

    private struct Identity: Encodable {
        var network: VisionTransformerConfiguration
        var restorer: Restorer
        var decoderChannels: Int
        var featureSize: Int
        var hiddenStateTaps: [Int]?
        var recipe: PreprocessingRecipe
        var flipProbability: Double
        var corruption: Corruption
        var objective: PretrainingObjective
        var volumesPerStep: Int
        var cropsPerVolume: Int
        var volumes: [String]
        var pool: PoolIdentity?
    }
}
