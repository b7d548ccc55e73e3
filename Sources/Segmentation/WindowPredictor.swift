/// A network, or anything that stands for one: maps windows of a volume to class logits.
public protocol WindowPredictor {
    /// The number of classes, background included.
    var channelCount: Int { get }
    /// The shape of a window in voxels; components that are zero or negative stand for the extent of the volume.
    var windowShape: SIMD3<Int> { get }
    /// The class logits of `count` windows.
    /// - Parameter windows: count × [X, Y, Z] intensities in C order (Z fastest).
    /// - Returns: count × [channels, X, Y, Z] logits in C order.
    func predict(_ windows: [Float], count: Int) throws -> [Float]
    /// Calls `body` with what `predict` returns, where it lies: a predictor need not copy its logits. They are valid during the call only.
    func withLogits<Result>(of windows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result
    /// The bytes that the predictor itself needs at its peak for a batch: weights, activations, its own copies of windows and logits.
    func activationBytes(batch: Int) -> Int
}

extension WindowPredictor {
    public func withLogits<Result>(of windows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result {
        try predict(windows, count: count).withUnsafeBufferPointer(body)
    }

    /// No memory of its own beyond windows and logits.
    public func activationBytes(batch: Int) -> Int { 0 }
}
