import Foundation
import Learning
import Models
import Preprocessing
import Torch

extension PretrainingConfiguration {
    /// The native configuration of a plan of self-supervised pre-training (specification §1).
    /// - Parameters:
    ///   - volumes: how many the training list has; epochs become steps by it.
    ///   - device: half precision is used on CUDA only.
    ///   - file: the configuration, for messages.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, naming the key path.
    public init(_ plan: TrainingPlan, volumes: Int, device: Device, file: String) throws(ArchiveError) {
        let place = ConfigurationPlace(file: file)
        guard case .autoencoder(let network, let channels) = plan.network, case .reconstruction(let temperature) = plan.loss else {
            throw place["train.model"].failure("expected ViTAutoEnc with L1Loss and ContrastiveLoss")
        }
        self.init(network: network)
        decoderChannels = channels
        recipe = plan.pipeline.recipe
        volumesPerStep = plan.batchSize
        if let temperature { objective.temperature = temperature } else { objective.contrastiveWeight = 0 }
        try setSampling(plan, at: place["train.pre_transforms"])
        cache = plan.data.cache
        let epoch = (cache.pool(of: volumes, seed: plan.seed).size + plan.batchSize - 1) / plan.batchSize
        loop = try LoopOptions(plan, batchesPerEpoch: epoch, at: place)
        loop.precision = plan.usesReducedPrecision && device.kind == .cuda ? .fp16 : .fp32
        if let validation = plan.validation, validation.pipeline != plan.pipeline {
            throw place["validate.pre_transforms"].failure("expected the steps of the training: validation restores crops corrupted alike")
        }
    }

    /// Crops, flips and the corruption of both views.
    private mutating func setSampling(_ plan: TrainingPlan, at place: ConfigurationPlace) throws(ArchiveError) {
        guard plan.shuffles else { throw place.failure("expected shuffle true in the data loader: cases are drawn in a new order each epoch") }
        var steps = plan.pipeline.random[...]
        guard case .crop(let shape, let samples)? = steps.popFirst(), shape == network.imageShape else {
            throw place.failure("expected RandSpatialCropSamplesd of the network's window \(network.imageShape) as the first random transform")
        }
        cropsPerVolume = samples
        var flips: [Int: Double] = [:]
        while case .flip(let axis, let probability)? = steps.first {
            flips[axis] = probability
            steps.removeFirst()
        }
        guard flips.isEmpty || (flips.count == 3 && Set(flips.values).count == 1) else {
            throw place.failure("RandFlipd: expected the three axes with one probability, or none")
        }
        flipProbability = flips.values.first ?? 0
        guard case .copy(let names)? = steps.popFirst(), names.count == 2 else {
            throw place.failure("expected CopyItemsd with two names, the clean crop and the second view, after crops and flips")
        }
        let views = try (Corruption(&steps, at: place), Corruption(&steps, at: place))
        guard steps.isEmpty else { throw place.failure("expected no random transforms after the corruption of the second view") }
        guard views.0 == views.1 else { throw place.failure("expected both views to be corrupted alike") }
        corruption = views.0
    }
}

extension Corruption {
    /// Takes the corruption of one view off the front of `steps`.
    fileprivate init(_ steps: inout ArraySlice<RandomTransform>, at place: ConfigurationPlace) throws(ArchiveError) {
        self.init()
        guard case .oneOf(let choices, let weights)? = steps.popFirst(), choices.count == 2, let inner = CoarseDropout(choices[0]),
            let outer = CoarseDropout(choices[1]), inner.dropsHoles, !outer.dropsHoles
        else {
            throw place.failure("expected OneOf of two RandCoarseDropoutd, with dropout_holes true and false, for each view")
        }
        (innerCutout, outerCutout, cutoutWeights) = (inner, outer, weights)
        guard case .coarseShuffle(_, let holes, let shape, let probability)? = steps.popFirst() else {
            throw place.failure("expected RandCoarseShuffled after the cutouts of each view")
        }
        shuffling = CoarseShuffle(holes: CoarseHoles(count: holes, size: shape, maximumSize: [], probability: probability))
    }
}

extension CoarseDropout {
    fileprivate init?(_ transform: RandomTransform) {
        guard case .coarseDropout(_, let holes, let smallest, let largest, let dropsHoles, let probability) = transform else { return nil }
        self.init(
            holes: CoarseHoles(count: holes, size: smallest, maximumSize: largest ?? [], probability: probability), dropsHoles: dropsHoles)
    }
}

extension CoarseHoles {
    fileprivate init(count: Int, size: [Int], maximumSize: [Int], probability: Double) {
        self.init(count: count, size: 1, probability: probability)
        (self.size, self.maximumSize) = (size, maximumSize)
    }
}
