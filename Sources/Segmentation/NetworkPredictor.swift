import Models
import Torch
import TorchNN

/// A UNETR as a predictor of windows. Use it on one thread at a time.
public struct NetworkPredictor: WindowPredictor {
    public let network: UNETR
    public let device: Device
    public let precision: Precision

    /// Moves the network's weights to `device` and stops recording gradients for them.
    /// - Throws: `SegmentationError.unsupportedInputChannelCount`; `TorchError` when the device is not available.
    public init(network: UNETR, device: Device = .cpu, precision: Precision = .fp32) throws {
        let inputs = network.configuration.inChannels
        guard inputs == 1 else { throw SegmentationError.unsupportedInputChannelCount(inputs) }
        try network.setRequiresGradient(false)
        if device != .cpu { try network.move(to: device) }
        self.network = network
        self.device = device
        self.precision = precision
    }

    public var channelCount: Int { network.configuration.outChannels }

    public var windowShape: SIMD3<Int> {
        let shape = network.configuration.imageShape
        return SIMD3(shape[0], shape[1], shape[2])
    }

    public func predict(_ windows: [Float], count: Int) throws -> [Float] { try logits(of: windows, count: count).floats() }

    public func withLogits<Result>(of windows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result {
        try logits(of: windows, count: count).withFloats(body)
    }

    private func logits(of windows: [Float], count: Int) throws -> Tensor {
        try withoutGradients {
            let input = try Tensor(windows, shape: [count, 1] + network.configuration.imageShape).to(.float32, device)
            let logits = try precision.computing(on: device) { try network(input) }
            return try logits.to(.float32, .cpu)
        }
    }

    /// Weights, LibTorch itself, and the decoder's activations at full resolution. On another device than the CPU only what stays in main memory.
    public func activationBytes(batch: Int) -> Int {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        let copies = batch * voxels * 4 * (1 + channelCount)
        let library = 300_000_000
        guard device == .cpu else { return library + copies }
        return library + network.parameterCount * 4 + copies + batch * voxels * 4 * network.configuration.featureSize * Self.fullResolutionMaps
    }

    /// The feature maps of full resolution alive at the peak of a forward pass (the last decoder), as measured.
    private static let fullResolutionMaps = 5
}
