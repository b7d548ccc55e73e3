import Foundation
import MedicalImaging
import Randomness

/// The random choices behind one training patch, drawn once and applied purely: the same draw gives the same patch.
public struct PatchDraw: Sendable, Equatable {
    /// Which volume of the list.
    public var volume: Int
    /// Patch voxel coordinate (x, y, z) → voxel index of the volume.
    public var transform: Affine
    /// Elastic displacement at the nodes of a 5×5×5 lattice over the patch, in voxels of the volume; empty when switched off.
    public var displacement: [SIMD3<Float>]
    /// Whether the left–right axis was flipped (labels of paired organs are swapped).
    public var isFlipped: Bool
    /// Contrast factor about the middle of the window.
    public var contrast: Float
    /// Added to the windowed intensity.
    public var shift: Float
    /// Standard deviation of added noise.
    public var noise: Float
    /// Seed of the noise.
    public var noiseSeed: UInt64
    /// Whether the patch is smoothed.
    public var isSmoothed: Bool

    /// Nodes along each axis of the displacement lattice.
    static let latticeSize = 5

    /// Draws a patch from `volumes`.
    ///
    /// A volume is drawn by weight; with probability `foregroundShare` an organ uniformly among those present and one of its voxels is the
    /// centre, otherwise any voxel; then a shift of the centre, rotation, zoom and elastic displacement.
    public init(from volumes: [TrainingVolume], options: PatchOptions, random: inout RandomSource) {
        let drawn = PatchDraw.drawVolume(volumes.map(\.weight), random: &random)
        self.init(of: drawn, volumes[drawn], options: options, random: &random)
    }

    /// Draws a patch of a volume.
    /// - Parameter volume: its place in the list.
    init(of volume: Int, _ source: TrainingVolume, options: PatchOptions, random: inout RandomSource) {
        self.volume = volume
        let centre = PatchDraw.drawCentre(in: source, options: options, random: &random)
        isFlipped = random.happens(options.flipProbability)
        transform = PatchDraw.drawTransform(in: source, centre: centre, isFlipped: isFlipped, options: options, random: &random)
        displacement = PatchDraw.drawDisplacement(in: source, options: options, random: &random)
        contrast = Float(1 + random.uniform(-options.intensityScale...options.intensityScale))
        shift = Float(random.uniform(-options.intensityShift...options.intensityShift))
        let level = random.uniform(0...1)
        noise = Float(options.noise * level * level)
        noiseSeed = random.next()
        isSmoothed = random.happens(options.smoothingProbability)
    }

    /// A place in a list of weights, as often as its weight says.
    static func drawVolume(_ weights: [Double], random: inout RandomSource) -> Int {
        var remaining = random.uniform(0...1) * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            remaining -= weight
            if remaining <= 0 { return index }
        }
        return weights.count - 1
    }

    /// The voxel index that the patch is centred on, before the shift.
    private static func drawCentre(in source: TrainingVolume, options: PatchOptions, random: inout RandomSource) -> SIMD3<Double> {
        let shape = source.grid.shape
        if random.happens(options.foregroundShare), let label = source.voxelsByLabel.keys.sorted().randomElement(using: &random) {
            let index = Int(source.voxelsByLabel[label]!.randomElement(using: &random)!)
            return SIMD3(Double(index % shape.x), Double(index / shape.x % shape.y), Double(index / (shape.x * shape.y)))
        }
        return SIMD3(
            random.uniform(0...Double(shape.x - 1)), random.uniform(0...Double(shape.y - 1)), random.uniform(0...Double(shape.z - 1)))
    }

    private static func drawTransform(
        in source: TrainingVolume, centre: SIMD3<Double>, isFlipped: Bool, options: PatchOptions, random: inout RandomSource
    ) -> Affine {
        let zoom = exp(random.uniform(log(options.zoom[0])...log(options.zoom[1])))
        var scale = SIMD3(options.spacing[0], options.spacing[1], options.spacing[2]) / zoom
        for axis in 0..<3 { scale[axis] *= 1 + random.uniform(-0.05...0.05) }
        let limit = options.rotation * .pi / 180
        let rotation = rotationMatrix(
            SIMD3(random.uniform(-limit...limit), random.uniform(-limit...limit), random.uniform(-limit...limit)))
        let extent = SIMD3(Double(options.shape[0]), Double(options.shape[1]), Double(options.shape[2]))
        var offset = SIMD3<Double>.zero
        for axis in 0..<3 { offset[axis] = random.uniform(-options.jitter...options.jitter) * extent[axis] }
        if isFlipped { scale.x = -scale.x }
        // patch voxel → mm about the centre → volume voxel
        let toVoxel = (source.grid.affine.inverse ?? .identity) * rotation * Affine.diagonal(scale)
        let middle = within(source.grid.shape, centre + toVoxel.linear(offset), halfExtent: halfExtent(of: toVoxel, patch: extent))
        var transform = toVoxel
        transform.translation = middle - toVoxel.linear((extent - 1) / 2)
        return transform
    }

    /// Half the extent of the patch along each axis of the volume, in its voxels, rotations neglected.
    private static func halfExtent(of toVoxel: Affine, patch extent: SIMD3<Double>) -> SIMD3<Double> {
        var half = SIMD3<Double>.zero
        for axis in 0..<3 {
            let steps = SIMD3(toVoxel.columns[0][axis], toVoxel.columns[1][axis], toVoxel.columns[2][axis])
            let longest = (0..<3).max { abs(steps[$0]) < abs(steps[$1]) }!
            half[axis] = abs(steps[longest]) * (extent[longest] - 1) / 2
        }
        return half
    }

    /// The centre moved so that the patch lies within the volume, as inference windows do; along an axis shorter than the patch, so that the
    /// volume lies within the patch.
    private static func within(_ shape: SIMD3<Int>, _ centre: SIMD3<Double>, halfExtent: SIMD3<Double>) -> SIMD3<Double> {
        var moved = centre
        for axis in 0..<3 {
            let last = Double(shape[axis] - 1)
            let bounds = [halfExtent[axis], last - halfExtent[axis]].sorted()
            moved[axis] = min(bounds[1], max(bounds[0], moved[axis]))
        }
        return moved
    }

    private static func drawDisplacement(in source: TrainingVolume, options: PatchOptions, random: inout RandomSource) -> [SIMD3<Float>] {
        guard options.elastic > 0 else { return [] }
        let perVoxel = 1 / source.grid.spacing
        let amplitude = options.elastic * random.uniform(0...1)
        return (0..<latticeSize * latticeSize * latticeSize).map { _ in
            let mm = SIMD3(random.normal(), random.normal(), random.normal()) * amplitude
            return SIMD3<Float>(mm * perVoxel)
        }
    }
}

/// The rotation by the three angles (radians) about x, then y, then z.
func rotationMatrix(_ angles: SIMD3<Double>) -> Affine {
    let (cx, sx, cy, sy, cz, sz) = (cos(angles.x), sin(angles.x), cos(angles.y), sin(angles.y), cos(angles.z), sin(angles.z))
    let x = Affine(rowMajor: [1, 0, 0, 0, 0, cx, -sx, 0, 0, sx, cx, 0])
    let y = Affine(rowMajor: [cy, 0, sy, 0, 0, 1, 0, 0, -sy, 0, cy, 0])
    let z = Affine(rowMajor: [cz, -sz, 0, 0, sz, cz, 0, 0, 0, 0, 1, 0])
    return z * y * x
}
