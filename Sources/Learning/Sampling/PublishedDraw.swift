import MedicalImaging
import Randomness

/// The random choices behind one sample of the published recipe, drawn once and applied purely.
public struct PublishedDraw: Sendable, Equatable {
    /// The first voxel of the crop.
    public var origin: SIMD3<Int>
    /// Whether each axis of the crop is reversed.
    public var flips: [Bool]
    /// Quarter turns in the plane of the first two axes, after the flips: one turn takes out[i, j] from in[j, n − 1 − i].
    public var turns: Int
    /// What intensities are multiplied by.
    public var scale: Float
    /// What is then added to them.
    public var shift: Float

    /// Draws a sample of `volume`: a crop of `shape` centred on an organ with probability positive / (positive + negative), else on background
    /// inside the body, pushed into the volume.
    public init(from volume: PreparedVolume, shape: [Int], options: PublishedOptions, random: inout RandomSource) {
        let isPositive = random.happens(options.positive / (options.positive + options.negative))
        let centre = volume.drawCentre(isPositive: isPositive, random: &random)
        let extent = SIMD3(shape[0], shape[1], shape[2])
        origin = (centre &- extent / 2).clamped(lowerBound: .zero, upperBound: volume.grid.shape &- extent)
        flips = (0..<3).map { _ in random.happens(options.flipProbability) }
        let turns = Int.random(in: 1...3, using: &random)
        self.turns = random.happens(options.rotationProbability) ? turns : 0
        let scale = Float(1 + random.uniform(-options.intensityScale...options.intensityScale))
        self.scale = random.happens(options.intensityScaleProbability) ? scale : 1
        let shift = Float(random.uniform(-options.intensityShift...options.intensityShift))
        self.shift = random.happens(options.intensityShiftProbability) ? shift : 0
    }

    /// The sample of this draw, axes as in the volume.
    /// - Parameter compat: whether a flip of the first axis leaves the labels of paired organs as they are.
    public func apply(to volume: PreparedVolume, shape: [Int], compat: Bool = false) -> Patch {
        let grid = volume.grid
        let extent = SIMD3(shape[0], shape[1], shape[2])
        let count = extent.x * extent.y * extent.z
        var image = [Float](repeating: 0, count: count)
        var labels = [UInt8](repeating: 0, count: count)
        volume.intensities.withUnsafeBufferPointer { voxels in
            volume.labels.withUnsafeBufferPointer { classes in
                for x in 0..<extent.x {
                    for y in 0..<extent.y {
                        let (start, step) = row(x, y, extent: extent, grid: grid)
                        let target = (x * extent.y + y) * extent.z
                        for z in 0..<extent.z {
                            image[target + z] = voxels[start + z * step] * scale + shift
                            labels[target + z] = classes[start + z * step]
                        }
                    }
                }
            }
        }
        if flips[0], !compat { PatchDraw.swapSides(&labels) }
        return Patch(image: image, labels: labels, labelled: volume.labelled)
    }

    /// Where row (x, y, 0…) of the sample starts in the volume's storage, and the step along it.
    private func row(_ x: Int, _ y: Int, extent: SIMD3<Int>, grid: VoxelGrid) -> (start: Int, step: Int) {
        var source = SIMD2(x, y)
        for _ in 0..<turns { source = SIMD2(source.y, extent.x - 1 - source.x) }
        let i = origin.x + (flips[0] ? extent.x - 1 - source.x : source.x)
        let j = origin.y + (flips[1] ? extent.y - 1 - source.y : source.y)
        let plane = grid.shape.x * grid.shape.y
        let k = origin.z + (flips[2] ? extent.z - 1 : 0)
        return (grid.index(i, j, k), flips[2] ? -plane : plane)
    }
}
