import Torch

/// A TorchScript program as a predictor of windows: one intensity channel in, class logits out. Use it on one thread at a time.
///
/// Windows run one by one whatever the batch: recorded programs often hold for the batch they were recorded with only. Outputs are taken as
/// logits, as MONAI's `SlidingWindowInferer` takes them; a program that ends in a softmax blends and interpolates its probabilities' softmax.
public struct ScriptPredictor: WindowPredictor {
    public let script: ScriptModule
    public let windowShape: SIMD3<Int>
    public let channelCount: Int
    public let device: Device
    public let precision: Precision
    /// How much a run raised the peak memory of the process.
    private let measuredBytes: Int

    /// Runs the program once, on zeros, to learn the number of classes and the memory it takes.
    /// - Parameter device: the one that the program was loaded onto.
    /// - Throws: `SegmentationError.scriptOutput` when the output is not [1, classes, X, Y, Z] of the window, `.scriptRefused`
    ///   when it does not take the window, `.invalidOption` for a window without voxels.
    public init(script: ScriptModule, windowShape: SIMD3<Int>, device: Device = .cpu, precision: Precision = .fp32) throws {
        guard windowShape.min() > 0 else {
            throw SegmentationError.invalidOption(name: "roi", found: "\(windowShape)", expected: "three positive numbers of voxels")
        }
        self.script = script
        self.windowShape = windowShape
        self.device = device
        self.precision = precision
        let before = ProcessMemory.peak
        let extents = [windowShape.x, windowShape.y, windowShape.z]
        let output: Tensor
        do {
            output = try Self.run(script, Tensor.zeros([1, 1] + extents, device: device), device: device, precision: precision)
        } catch TorchError.operation(_, _, let reason) {
            throw SegmentationError.scriptRefused(window: extents, reason: reason)
        }
        let shape = output.shape
        guard shape.count == 5, shape[0] == 1, Array(shape[2...]) == extents else {
            throw SegmentationError.scriptOutput(window: extents, found: shape)
        }
        guard (2...255).contains(shape[1]) else { throw SegmentationError.unsupportedChannelCount(shape[1]) }
        channelCount = shape[1]
        measuredBytes = ProcessMemory.peak - before
    }

    public func predict(_ windows: [Float], count: Int) throws -> [Float] {
        let size = windowShape.x * windowShape.y * windowShape.z
        var logits: [Float] = []
        logits.reserveCapacity(count * size * channelCount)
        for index in 0..<count {
            let window = Array(windows[index * size..<(index + 1) * size])
            let input = try Tensor(window, shape: [1, 1, windowShape.x, windowShape.y, windowShape.z]).to(device)
            logits += try Self.run(script, input, device: device, precision: precision).to(.float32, .cpu).floats()
        }
        return logits
    }

    /// LibTorch, copies of windows and logits, and on the CPU what the first run took, or the activations of a decoder of sixteen channels at
    /// full resolution where that is more.
    public func activationBytes(batch: Int) -> Int {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        let copies = batch * voxels * 4 * (1 + channelCount)
        let library = 300_000_000
        return library + copies + (device == .cpu ? max(measuredBytes, voxels * 4 * 16 * 8) : 0)
    }

    private static func run(_ script: ScriptModule, _ input: Tensor, device: Device, precision: Precision) throws -> Tensor {
        try withoutGradients {
            try precision.computing(on: device) { try script(input) }
        }
    }
}
