import Models
import Preprocessing

/// Everything that decides a pre-training run; saved with the run. In JSON the keys of `loop` stand beside the others. The defaults are the
/// published ones (specification §0.3, §1).
public struct PretrainingConfiguration: Codable, Sendable, Equatable {
    /// How parameters are descended, measured and saved.
    public var loop: LoopOptions
    /// The encoder; its window is the crop.
    public var network: VisionTransformerConfiguration
    /// What paints the crop back.
    public var restorer = Restorer.autoencoder
    /// Of an auto-encoder, the channels between the two transposed convolutions.
    public var decoderChannels = 16
    /// Of a UNETR, the channels at full resolution.
    public var featureSize = 16
    /// Of a UNETR, the blocks whose outputs feed its skip connections; `nil`: quarters of the depth.
    public var hiddenStateTaps: [Int]?
    /// What is done to a volume before it is cropped; `minimumShape` is at least the crop.
    public var recipe: PreprocessingRecipe
    /// The probability of mirroring a crop along each axis, before the clean copy is taken. The published code mirrors nothing.
    public var flipProbability = 0.0
    /// How a view is corrupted.
    public var corruption: Corruption
    /// What the network learns from.
    public var objective = PretrainingObjective()
    /// Volumes of a step.
    public var volumesPerStep = 4
    /// Crops of each of them; all of a step are told apart by the contrastive loss.
    public var cropsPerVolume = 2
    /// How memory is spared.
    public var memory = MemoryOptions()
    /// Which volumes are kept at hand.
    public var cache = CacheOptions()

    /// What paints a crop back from the encoder's tokens.
    public enum Restorer: String, Codable, Sendable, CaseIterable {
        /// Two transposed convolutions, thrown away afterwards (the published network).
        case autoencoder
        /// The convolutions of the segmentation network, which are pre-trained as well and carried over with the encoder.
        case unetr
    }

    /// The published run for a network of these sizes: cutouts and the least volume in proportion to its window.
    public init(network: VisionTransformerConfiguration = VisionTransformerConfiguration()) {
        self.network = network
        loop = .pretraining
        recipe = .pretraining
        recipe.minimumShape = network.imageShape
        corruption = .scaled(to: network.imageShape)
    }

    /// Voxels of a crop.
    public var cropShape: SIMD3<Int> { SIMD3(network.imageShape[0], network.imageShape[1], network.imageShape[2]) }
    /// Voxels of a token.
    public var tokenShape: SIMD3<Int> { SIMD3(network.patchShape[0], network.patchShape[1], network.patchShape[2]) }

    /// - Throws: `LearningError.configuration` naming the first key path that cannot be used.
    public func validate() throws(LearningError) {
        try loop.validate()
        try memory.validate()
        try cache.validate()
        do { try network.validate(path: "network") } catch { throw .configuration(keyPath: error.keyPath, reason: error.reason) }
        do { try recipe.validate() } catch { throw .configuration(keyPath: "recipe", reason: "\(error)") }
        if restorer == .unetr {
            do { try unetr.validate(path: "network") } catch { throw .configuration(keyPath: error.keyPath, reason: error.reason) }
            guard network.patchShape == [16, 16, 16] else {
                throw .configuration(keyPath: "network.patchShape", reason: "expected [16, 16, 16] for a UNETR, found \(network.patchShape)")
            }
        }
        guard network.inChannels == 1 else {
            throw .configuration(keyPath: "network.inChannels", reason: "expected 1, the CT, found \(network.inChannels)")
        }
        guard recipe.intensity != nil else {
            throw .configuration(keyPath: "recipe.intensity", reason: "expected a window; intensities are learnt as shares of it")
        }
        guard let least = recipe.minimumShape, zip(least, network.imageShape).allSatisfy(>=) else {
            let found = recipe.minimumShape.map { "\($0)" } ?? "none"
            throw .configuration(keyPath: "recipe.minimumShape", reason: "expected at least the crop \(network.imageShape), found \(found)")
        }
        try corruption.validate(path: "corruption")
        try objective.validate(path: "objective")
        guard (0...1).contains(flipProbability) else {
            throw .configuration(keyPath: "flipProbability", reason: "expected a probability 0…1, found \(flipProbability)")
        }
        for (name, value) in [
            ("decoderChannels", decoderChannels), ("featureSize", featureSize), ("volumesPerStep", volumesPerStep),
            ("cropsPerVolume", cropsPerVolume),
        ] where value < 1 {
            throw .configuration(keyPath: name, reason: "expected at least 1, found \(value)")
        }
    }
}

extension LoopOptions {
    /// The published pre-training: Adam at a constant 1e-4, 400 times through the data, no decay, no clipping, no average of the weights.
    public static let pretraining: LoopOptions = {
        var options = LoopOptions()
        options.epochs = 400
        (options.optimizer, options.schedule, options.weightDecay) = (.adam, .constant(1e-4), 0)
        (options.gradientClipping, options.averageDecay, options.seed) = (0, 0, 123)
        (options.checkpointInterval, options.validationInterval) = (300, 300)
        return options
    }()
}
