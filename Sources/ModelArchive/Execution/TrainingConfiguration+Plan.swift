import Foundation
import Learning
import Models
import Preprocessing
import Segmentation
import Torch

extension TrainingConfiguration {
    /// The native configuration of a plan: the published recipe with the plan's numbers.
    /// - Parameters:
    ///   - volumes: how many the training list has; epochs become steps by it.
    ///   - device: half precision is used on CUDA only.
    ///   - file: the configuration, for messages.
    /// - Throws: `ArchiveError.configuration` for what this version does not compute, naming the key path.
    public init(_ plan: TrainingPlan, volumes: Int, device: Device, file: String) throws(ArchiveError) {
        let place = ConfigurationPlace(file: file)
        guard case .unetr(let network) = plan.network, case .diceCrossEntropy(let dice) = plan.loss else {
            throw place["train.model"].failure("expected UNETR with DiceCELoss; pre-training has its own trainer")
        }
        self.init()
        cache = plan.data.cache
        let epoch = (cache.pool(of: volumes, seed: plan.seed).size + plan.batchSize - 1) / plan.batchSize
        self.network = network
        batchSize = plan.batchSize
        recipe = .published
        try setSampling(plan, at: place["train.pre_transforms"])
        loss = LossOptions(dice)
        loop = try LoopOptions(plan, batchesPerEpoch: epoch, at: place)
        loop.precision = plan.usesReducedPrecision && device.kind == .cuda ? .fp16 : .fp32
        if let validation = plan.validation { try setValidation(validation, plan: plan, at: place["validate"]) }
    }

    /// Spacing, window and random transforms.
    private mutating func setSampling(_ plan: TrainingPlan, at place: ConfigurationPlace) throws(ArchiveError) {
        guard plan.pipeline.transformsLabels else { throw place.failure("expected the key 'label' in the geometric steps") }
        guard plan.shuffles else { throw place.failure("expected shuffle true in the data loader: cases are drawn in a new order each epoch") }
        guard case .cropByLabel(let shape, let positive, let negative, let samples, let threshold)? = plan.pipeline.random.first, threshold == 0
        else {
            throw place.failure("expected RandCropByPosNegLabeld with image_threshold 0 as the first random transform")
        }
        guard let spacing = plan.pipeline.recipe.spacing, let window = plan.pipeline.recipe.intensity else {
            throw place.failure("expected Spacingd and ScaleIntensityRanged")
        }
        (patch.shape, patch.spacing, patch.window) = (shape, spacing, [window.lower, window.upper])
        guard plan.pipeline.recipe == preprocessing else {
            throw place.failure(
                "expected Orientationd RAS, Spacingd, ScaleIntensityRanged and CropForegroundd, nothing else before the random transforms")
        }
        (published.positive, published.negative, published.samplesPerVolume) = (positive, negative, samples)
        (published.flipProbability, published.rotationProbability) = (0, 0)
        (published.intensityShiftProbability, published.intensityScaleProbability) = (0, 0)
        var flips: [Int: Double] = [:]
        var reached = 0
        for transform in plan.pipeline.random.dropFirst() {
            let rank: Int
            switch transform {
            case .flip(let axis, let probability):
                rank = 1
                flips[axis] = probability
            case .rotate90(let axes, let turns, let probability):
                guard axes.sorted() == [0, 1], turns == 3 else { throw place.failure("RandRotate90d: expected the axes 0 and 1 and max_k 3") }
                rank = 2
                published.rotationProbability = probability
            case .scaleIntensity(let factor, let probability):
                rank = 3
                (published.intensityScale, published.intensityScaleProbability) = (factor, probability)
            case .shiftIntensity(let offset, let probability):
                rank = 4
                (published.intensityShift, published.intensityShiftProbability) = (offset, probability)
            default: throw place.failure("expected no other random transforms than crops, flips, quarter turns, intensity scale and shift")
            }
            guard rank >= reached else { throw place.failure("random transforms are out of order; expected crops, flips, turns, scale, shift") }
            reached = rank
        }
        guard flips.isEmpty || (flips.count == 3 && Set(flips.values).count == 1) else {
            throw place.failure("RandFlipd: expected the three axes with one probability, or none")
        }
        published.flipProbability = flips.values.first ?? 0
    }

    private mutating func setValidation(
        _ plan: TrainingPlan.ValidationPlan, plan training: TrainingPlan, at place: ConfigurationPlace
    ) throws(ArchiveError) {
        guard plan.pipeline.recipe == training.pipeline.recipe else {
            throw place["pre_transforms"].failure("expected the deterministic steps of the training")
        }
        guard plan.pipeline.random.isEmpty else { throw place["pre_transforms"].failure("expected no random transforms") }
        guard !plan.metric.includesBackground else {
            throw place["key_metric.args.include_background"].failure("expected false: the best weights are chosen by the organs alone")
        }
        guard let window = plan.window, window.shape == network.imageShape else {
            throw place["inferer.args.roi_size"].failure("expected the network's window \(network.imageShape)")
        }
        (validation.overlap, validation.blending, validation.windowBatch) = (window.overlap, window.blending, window.batchSize)
        validation.spaces = plan.pipeline.transformsLabels ? [.resampled] : [.original]
    }
}

extension LossOptions {
    fileprivate init(_ plan: LossPlan.DiceOptions) {
        self.init()
        (diceWeight, crossEntropyWeight, includesBackground) = (plan.diceWeight, plan.crossEntropyWeight, plan.includesBackground)
        (squaresPrediction, sumsOverBatch) = (plan.squaresPredictions, plan.poolsBatch)
        (numeratorSmoothing, denominatorSmoothing, labelSmoothing) = (plan.numeratorSmoothing, plan.denominatorSmoothing, plan.labelSmoothing)
    }
}

extension LoopOptions {
    /// The loop of a plan. Clara Train and MONAI's trainers neither clip gradients nor average weights.
    init(_ plan: TrainingPlan, batchesPerEpoch: Int, at place: ConfigurationPlace) throws(ArchiveError) {
        self.init()
        epochs = plan.epochs
        optimizer = plan.optimizer.isDecoupled ? .adamw : .adam
        guard plan.optimizer.betas == [0.9, 0.999], plan.optimizer.epsilon == 1e-8 else {
            throw place["train.optimizer.args"].failure("expected betas [0.9, 0.999] and eps 1e-8; this version has no others")
        }
        (weightDecay, gradientClipping, averageDecay, seed) = (plan.optimizer.weightDecay, 0, 0, plan.seed)
        schedule = try LearningRateSchedule(plan, batchesPerEpoch: batchesPerEpoch, at: place["train.lr_scheduler"])
        validationInterval = (plan.validationInterval ?? 0) * batchesPerEpoch
        patience = plan.patience
        checkpointInterval = max(1, min(250, batchesPerEpoch * (plan.validationInterval ?? plan.epochs)))
        logInterval = max(1, min(20, batchesPerEpoch))
    }
}

extension LearningRateSchedule {
    fileprivate init(_ plan: TrainingPlan, batchesPerEpoch: Int, at place: ConfigurationPlace) throws(ArchiveError) {
        self = .constant(plan.optimizer.learningRate)
        switch plan.schedule {
        case .constant: break
        case .step(let epochs, let factor): (kind, interval, self.factor) = (.step, epochs * batchesPerEpoch, factor)
        case .cosine(let epochs, let floor):
            guard epochs == plan.epochs else { throw place["args.T_max"].failure("expected the epochs of the run, \(plan.epochs), found \(epochs)") }
            (kind, floorShare) = (.cosine, floor / plan.optimizer.learningRate)
        case .warmUpCosine(let warmUp, let total):
            guard total == plan.epochs else { throw place["args.t_total"].failure("expected the epochs of the run, \(plan.epochs), found \(total)") }
            (kind, warmUpSteps, floorShare) = (.cosine, warmUp * batchesPerEpoch, 0)
        }
    }
}
