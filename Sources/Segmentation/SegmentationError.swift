/// What can go wrong in a segmentation.
public enum SegmentationError: Error, Sendable, Equatable {
    /// An option lies outside its range.
    case invalidOption(name: String, found: String, expected: String)
    /// The network predicts more classes than a label map of bytes can hold, or fewer than two.
    case unsupportedChannelCount(Int)
    /// The network reads several images at once; a volume is one.
    case unsupportedInputChannelCount(Int)
    /// The predictor returned another number of logits than windows × channels × voxels.
    case predictionShape(expected: Int, found: Int)
    /// A TorchScript program does not return [1, classes] + its window [X, Y, Z].
    case scriptOutput(window: [Int], found: [Int])
    /// A TorchScript program fails on one channel of its window [X, Y, Z], or does not return a tensor.
    case scriptRefused(window: [Int], reason: String)
    /// An exported program computes other numbers than the network it was made from.
    case exportDiffers(difference: Double, tolerance: Double)
    /// The network returned NaN or infinite logits for the window that starts at `origin` (processed voxels).
    case nonFiniteLogits(origin: SIMD3<Int>)
    /// A flip of left and right was asked for, but nobody said which channels swap.
    case unknownMirroredChannels(channelCount: Int)
    /// The axes of the processed volume do not follow the axes of the patient, so left and right are no single axis.
    case obliqueFlip
    /// No plan fits into the memory budget.
    case memoryBudget(budget: Int, plan: MemoryPlan)
    /// The volume has no voxels.
    case emptyVolume(shape: SIMD3<Int>)
}

extension SegmentationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidOption(let name, let found, let expected):
            "segmentation option '\(name)': expected \(expected), found \(found)"
        case .unsupportedChannelCount(let count):
            "the network predicts \(count) classes; a label map holds between 2 and 255: use a network with fewer classes"
        case .unsupportedInputChannelCount(let count):
            "the network reads \(count) input channels; a CT volume has one: use a network with one input channel"
        case .predictionShape(let expected, let found):
            "the network returned \(found) logits where \(expected) were expected: its window or class count differs from what it declares"
        case .scriptOutput(let window, let found):
            "the program returned a tensor of shape \(found) for a window of \(window) voxels where [1, classes] + \(window) was expected: "
                + "it must map one channel of intensities to one logit per class and voxel; give its window with --roi"
        case .scriptRefused(let window, let reason):
            "the program fails on a tensor of shape [1, 1] + \(window): \(reason); where it takes another window, give it with --roi"
        case .exportDiffers(let difference, let tolerance):
            "the exported program differs from the network by \(difference) of its output, more than \(tolerance): nothing was kept"
        case .nonFiniteLogits(let origin):
            "the network returned NaN or infinite values for the window at (\(origin.x), \(origin.y), \(origin.z)): "
                + "check the weights, or use precision fp32 or bf16 when running in fp16"
        case .unknownMirroredChannels(let count):
            "flipping left and right needs to know which of the \(count) classes are left-right pairs: give mirroredChannels, or flip along other axes only"
        case .obliqueFlip:
            "flipping at test time needs a volume whose axes follow the patient's: set an orientation in the preprocessing recipe, or switch flips off"
        case .memoryBudget(let budget, let plan):
            "the memory budget of \(MemoryPlan.text(bytes: budget)) does not suffice: at least \(MemoryPlan.text(bytes: plan.peak)) are needed\n\(plan.table)"
        case .emptyVolume(let shape):
            "the volume has no voxels: its shape is \(shape.x) × \(shape.y) × \(shape.z)"
        }
    }
}
