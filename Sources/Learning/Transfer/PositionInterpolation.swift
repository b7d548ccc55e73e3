import Torch

/// Position embeddings for another token grid.
public enum PositionInterpolation {
    /// [1, tokens, width] on one grid → the same on another, trilinear between token centres (align_corners false), as vision transformers
    /// are commonly brought to another window.
    /// - Parameters:
    ///   - grid: tokens along X, Y, Z of the embeddings, in C order.
    ///   - target: tokens along X, Y, Z wanted.
    public static func resampled(_ embeddings: Tensor, from grid: [Int], to target: [Int]) throws(TorchError) -> Tensor {
        let width = embeddings.shape[2]
        let volume = try embeddings.reshaped(to: [1] + grid + [width]).permuted([0, 4, 1, 2, 3]).contiguous()
        return try volume.interpolated(to: target).permuted([0, 2, 3, 4, 1]).reshaped(to: [1, -1, width])
    }
}
