/// Which tokens of a patch are hidden from a masked auto-encoder (He et al. 2022; the whole grid goes through the encoder as in SimMIM,
/// Xie et al. 2022, so that the network is the same as for the other objective).
public struct TokenMask: Sendable, Equatable {
    /// Voxels of a token.
    public var tokenShape: SIMD3<Int>
    /// Whether each token, in C order of the grid, is hidden.
    public var isHidden: [Bool]

    /// Hides `share` of the tokens of a patch of `shape`, at least one.
    public init(of shape: SIMD3<Int>, tokenShape: SIMD3<Int>, share: Double, random: inout some RandomDraws) {
        let grid = shape / tokenShape
        let count = grid.x * grid.y * grid.z
        isHidden = [Bool](repeating: false, count: count)
        self.tokenShape = tokenShape
        let hidden = max(1, min(count, Int((share * Double(count)).rounded())))
        for token in random.permutation(count).prefix(hidden) { isHidden[token] = true }
    }

    /// The patch with hidden tokens replaced by the mean of the whole patch.
    public func apply(to patch: ImagePatch) -> ImagePatch {
        var result = patch
        let mean = Float(patch.voxels.reduce(0) { $0 + Double($1) } / Double(max(1, patch.count)))
        visitHidden(in: patch) { result.voxels[$0] = mean }
        return result
    }

    /// 1 at the hidden voxels of `patch`, else 0.
    public func weights(of patch: ImagePatch) -> [Float] {
        var weights = [Float](repeating: 0, count: patch.count)
        visitHidden(in: patch) { weights[$0] = 1 }
        return weights
    }

    private func visitHidden(in patch: ImagePatch, _ body: (Int) -> Void) {
        let grid = patch.shape / tokenShape
        for x in 0..<patch.shape.x {
            for y in 0..<patch.shape.y {
                let row = ((x / tokenShape.x) * grid.y + y / tokenShape.y) * grid.z
                let start = patch.index(x, y, 0)
                for z in 0..<patch.shape.z where isHidden[row + z / tokenShape.z] { body(start + z) }
            }
        }
    }
}
