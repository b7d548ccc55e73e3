import ArgumentParser
import Learning
import Models
import Segmentation

/// Networks of known sizes by name.
enum NetworkPreset: String, ExpressibleByArgument, CaseIterable {
    case tiny, small, base

    var configuration: UNETRConfiguration {
        switch self {
        case .tiny: .tiny
        case .small: .small
        case .base: .base
        }
    }
}

extension TrainingConfiguration.Recipe: ExpressibleByArgument {}
extension TransferredPart: ExpressibleByArgument {}
extension LoopOptions.Optimizer: ExpressibleByArgument {}
extension LearningRateSchedule.Kind: ExpressibleByArgument {}

/// What is trained on what.
struct TrainModelOptions: ParsableArguments {
    @Option(help: "The network preset.")
    var network: NetworkPreset?

    @Option(help: "Channels of the decoder at full resolution.")
    var featureSize: Int?

    @Option(help: "How samples are made: rotated and deformed patches, or crops as published.")
    var recipe: TrainingConfiguration.Recipe?

    @Flag(help: "Published recipe: flips leave the labels of paired organs as they are, as the original does.")
    var compat = false

    @Option(help: "Voxels of the cubic patch along each axis (a multiple of 16).")
    var roi: Int?

    @Option(help: "Voxel spacing of patches in mm, isotropic.")
    var spacing: Double?

    @Option(help: "Patches per batch; in the published recipe volumes per batch.")
    var batch: Int?

    func apply(to configuration: inout TrainingConfiguration) {
        if let network { configuration.network = network.configuration }
        if let featureSize { configuration.network.featureSize = featureSize }
        if let recipe { configuration.recipe = recipe }
        if compat { configuration.published.compat = true }
        if let roi { configuration.patch.shape = [roi, roi, roi] }
        configuration.network.imageShape = configuration.patch.shape
        if let spacing { configuration.patch.spacing = [spacing, spacing, spacing] }
        if let batch { configuration.batchSize = batch }
    }
}

/// How it is trained.
struct TrainOptimisationOptions: ParsableArguments {
    @Option(help: "Optimizer steps of the whole run.")
    var steps: Int?

    @Option(help: "Times that the data is shown, instead of --steps.")
    var epochs: Int?

    @Option(help: "Stop and save after this many minutes.")
    var minutes: Double?

    @Option(help: "The optimizer.")
    var optimizer: LoopOptions.Optimizer?

    @Option(help: "Peak learning rate.")
    var learningRate: Double?

    @Option(help: "How the learning rate changes.")
    var schedule: LearningRateSchedule.Kind?

    @Option(help: "Steps of linear warm-up.")
    var warmUp: Int?

    @Option(help: "Batches whose mean gradient makes one step.")
    var accumulate: Int?

    @Option(help: "Number format of convolutions and matrix products.")
    var precision: Precision?

    @Option(help: ArgumentHelp("Freeze the parameters whose names begin so, e.g. vit. for the encoder; may be repeated.", valueName: "prefix"))
    var freeze: [String] = []

    @Option(help: "What the learning rate of the encoder (vit.) is multiplied by.")
    var encoderRate: Double?

    @Option(help: ArgumentHelp("Freeze the encoder (vit.) for the first steps of the run.", valueName: "steps"))
    var freezeEncoder: Int?

    @Option(help: "What the learning rate of each transformer block is multiplied by, relative to the next one.")
    var layerDecay: Double?

    @Option(help: "Steps between validations; 0: only the last.")
    var validateEvery: Int?

    @Option(help: "How many weights of the best validations are kept.")
    var keepBest: Int?

    @Option(help: "Stop when the score has not risen for this many validations.")
    var patience: Int?

    @Flag(help: "Start without the dry step and validation that show a lack of memory at once.")
    var noRehearsal = false

    @Option(help: "Seed of weights and sampling.")
    var seed: UInt64?

    @Option(help: "Where to train: auto, cpu, cuda, cuda:1, mps.")
    var device: DeviceChoice = .named(.cpu)

    @Option(help: ThreadCount.help)
    var threads: ThreadCount?

    func apply(to loop: inout LoopOptions) {
        if let steps { (loop.steps, loop.epochs) = (steps, nil) }
        if let epochs { loop.epochs = epochs }
        if let minutes { loop.timeLimit = minutes }
        if let optimizer { loop.optimizer = optimizer }
        if let learningRate { loop.schedule.peak = learningRate }
        if let schedule { loop.schedule.kind = schedule }
        if let warmUp { loop.schedule.warmUpSteps = warmUp }
        if let accumulate { loop.accumulation = accumulate }
        if let precision { loop.precision = precision }
        var rules = freeze.map { ParameterRule(prefix: $0, factor: 0) }
        if encoderRate != nil || freezeEncoder != nil {
            rules.append(ParameterRule(prefix: "vit.", factor: encoderRate ?? 1, heldSteps: freezeEncoder))
        }
        loop.parameterRules = rules + loop.parameterRules
        if let layerDecay { loop.layerDecay = layerDecay }
        if let validateEvery { loop.validationInterval = validateEvery }
        if let keepBest { loop.keptBest = keepBest }
        if let patience { loop.patience = patience }
        if noRehearsal { loop.rehearses = false }
        if let seed { loop.seed = seed }
    }
}
