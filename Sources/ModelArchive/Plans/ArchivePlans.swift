import Foundation
import Learning
import Models
import Preprocessing
import Segmentation

/// Where the cases of a step come from.
public struct DataSource: Sendable, Equatable {
    /// The datalist.
    public var list: URL
    /// The folder that its relative paths start from; `nil`: the list's own.
    public var base: URL?
    /// The section of the list.
    public var section: String
    /// Which preprocessed volumes a training keeps at hand.
    public var cache = CacheOptions()
}

/// What happens to a case before the network, as plain values.
public struct ImagePipeline: Sendable, Equatable {
    /// The deterministic part.
    public var recipe = PreprocessingRecipe()
    /// Whether label maps go through the same geometry; otherwise they stay on their own grid.
    public var transformsLabels = false
    /// The random part, in order.
    public var random: [RandomTransform] = []
}

/// A random transform of training. Shapes in voxels along X, Y, Z; intensities in units of the window (0…1).
public indirect enum RandomTransform: Sendable, Equatable {
    /// Patches centred on labelled voxels and on others in the proportion `positive` : `negative` (MONAI `RandCropByPosNegLabel`).
    case cropByLabel(shape: [Int], positive: Double, negative: Double, samples: Int, threshold: Double)
    /// Patches anywhere (MONAI `RandSpatialCropSamples`).
    case crop(shape: [Int], samples: Int)
    case flip(axis: Int, probability: Double)
    case rotate90(axes: [Int], turns: Int, probability: Double)
    /// Adds a number from −`offset`…`offset`.
    case shiftIntensity(offset: Double, probability: Double)
    /// Multiplies by one plus a number from −`factor`…`factor`.
    case scaleIntensity(factor: Double, probability: Double)
    /// Keeps copies under other names.
    case copy(names: [String])
    /// One of several, by weight.
    case oneOf([RandomTransform], weights: [Double])
    /// Holes filled with noise, or noise around what holes keep (MONAI `RandCoarseDropout`).
    case coarseDropout(key: String, holes: Int, smallest: [Int], largest: [Int]?, dropsHoles: Bool, probability: Double)
    /// Blocks whose voxels are shuffled (MONAI `RandCoarseShuffle`).
    case coarseShuffle(key: String, holes: Int, shape: [Int], probability: Double)
}

/// A network to build.
public enum NetworkPlan: Sendable, Equatable {
    case unetr(UNETRConfiguration)
    /// The auto-encoder of pre-training.
    case autoencoder(VisionTransformerConfiguration, decoderChannels: Int)
}

/// A loss.
public enum LossPlan: Sendable, Equatable {
    /// Soft Dice and cross entropy with these weights. Smoothing, squared predictions and pooling over the batch as MONAI's `DiceCELoss`.
    case diceCrossEntropy(DiceOptions)
    /// Mean absolute difference times one plus the contrastive loss at this temperature; without a temperature the difference alone.
    case reconstruction(temperature: Double?)

    /// The options of the Dice part.
    public struct DiceOptions: Sendable, Equatable {
        public var diceWeight = 1.0
        public var crossEntropyWeight = 1.0
        public var includesBackground = true
        public var squaresPredictions = false
        public var poolsBatch = false
        public var numeratorSmoothing = 1e-5
        public var denominatorSmoothing = 1e-5
        public var labelSmoothing = 0.0

        public init() {}
    }
}

/// An optimizer with its numbers.
public struct OptimizerPlan: Sendable, Equatable {
    /// Whether weight decay is decoupled from the gradient (AdamW).
    public var isDecoupled: Bool
    public var learningRate: Double
    public var weightDecay = 0.0
    public var betas = [0.9, 0.999]
    public var epsilon = 1e-8

    public init(isDecoupled: Bool, learningRate: Double) { (self.isDecoupled, self.learningRate) = (isDecoupled, learningRate) }
}

/// The learning rate over the epochs.
public enum SchedulePlan: Sendable, Equatable {
    case constant
    /// Multiplied by `factor` every `epochs` epochs.
    case step(epochs: Int, factor: Double)
    /// Half a cosine down to `floor` over `epochs` epochs.
    case cosine(epochs: Int, floor: Double)
    /// Linear warm-up, then half a cosine to 0 at `total` epochs.
    case warmUpCosine(warmUp: Int, total: Int)
}

/// How a window slides in evaluation.
public struct WindowSettings: Sendable, Equatable {
    public var shape: [Int]
    public var batchSize = 1
    public var overlap = 0.25
    public var blending = Blending.constant
}

/// A metric of an evaluation.
public struct MetricPlan: Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// The mean Dice of the classes that the reference holds.
        case meanDice
        /// The share of voxels with the right label.
        case accuracy
        /// The mean absolute difference of a reconstruction.
        case meanAbsoluteError
    }

    public var kind: Kind
    /// What it is called in files.
    public var label: String
    /// Whether background counts as a class.
    public var includesBackground: Bool

    public init(kind: Kind, label: String, includesBackground: Bool = true) {
        (self.kind, self.label, self.includesBackground) = (kind, label, includesBackground)
    }
}

/// A training as its configuration describes it.
public struct TrainingPlan: Sendable, Equatable {
    public var network: NetworkPlan
    public var loss: LossPlan
    public var optimizer: OptimizerPlan
    public var schedule = SchedulePlan.constant
    public var pipeline: ImagePipeline
    public var data: DataSource
    /// Volumes per step; each gives `samples` patches.
    public var batchSize: Int
    public var shuffles: Bool
    public var epochs: Int
    /// Epochs between validations; `nil`: none.
    public var validationInterval: Int?
    public var seed: UInt64
    /// Whether the network computes in half precision where it may.
    public var usesReducedPrecision: Bool
    /// Weights to start from.
    public var initialWeights: InitialWeights?
    /// Stop after this many validations without improvement.
    public var patience: Int?
    /// The folder of checkpoints.
    public var folder: URL
    /// The best weights' file name.
    public var bestName = "model.pt"
    /// The last weights' file name; `nil`: not kept.
    public var finalName: String?
    public var validation: ValidationPlan?
    /// What was accepted without an effect, in sentences.
    public var notes: [String] = []

    /// Weights to start from.
    public struct InitialWeights: Sendable, Equatable {
        public var file: URL
        /// Whether all tensors must be there; otherwise what fits is taken: the transformer of a pre-training.
        public var isStrict: Bool
    }

    /// The validation within a training.
    public struct ValidationPlan: Sendable, Equatable {
        public var data: DataSource
        public var pipeline: ImagePipeline
        /// `nil` for pre-training, which validates on patches.
        public var window: WindowSettings?
        public var metric: MetricPlan
    }
}

/// A validation or an inference as its configuration describes it.
public struct EvaluationPlan: Sendable, Equatable {
    /// Where weights come from.
    public enum Weights: Sendable, Equatable {
        case torchScript(URL)
        case checkpoint(URL)

        public var file: URL {
            switch self {
            case .torchScript(let url), .checkpoint(let url): url
            }
        }
    }

    public var weights: Weights
    public var data: DataSource
    public var pipeline: ImagePipeline
    public var window: WindowSettings
    public var usesReducedPrecision: Bool
    /// Whether predictions return to the grid of the file before labels are compared or written.
    public var returnsToOriginalGrid: Bool
    /// Whether only the largest part of each organ is kept.
    public var keepsLargestComponents: Bool
    /// The metrics, the key one first; none for an inference.
    public var metrics: [MetricPlan]
    /// Where metric files go, the metrics in them, and those with one line per image.
    public var metricsFolder: URL?
    public var savedMetrics: [String]
    public var detailedMetrics: [String]
    /// Where label maps go; `nil`: none are written.
    public var outputFolder: URL?
    /// The end of their names.
    public var outputPostfix = "seg"
    /// What was accepted without an effect, in sentences.
    public var notes: [String] = []
}
