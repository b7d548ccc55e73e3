/// Where a crop lies in a volume, and how it is mirrored (MONAI `RandSpatialCropSamples` with `random_size` False, then `RandFlip` along each
/// axis).
public struct CropDraw: Sendable, Equatable {
    /// The first voxel.
    public var start: SIMD3<Int>
    /// 1 along axes that are mirrored, else 0.
    public var flips: SIMD3<Int>

    /// Draws a crop of `size` voxels: three positions (none along axes that the crop fills), then one number for each axis where flips are
    /// possible at all.
    /// - Precondition: the volume is at least as large as the crop.
    public init(of size: SIMD3<Int>, in shape: SIMD3<Int>, flipProbability: Double = 0, random: inout some RandomDraws) {
        start = .zero
        flips = .zero
        for axis in 0..<3 { start[axis] = random.integer(in: 0...shape[axis] - size[axis]) }
        guard flipProbability > 0 else { return }
        for axis in 0..<3 { flips[axis] = random.happens(flipProbability) ? 1 : 0 }
    }
}
