import MedicalImaging
import Randomness

/// One training sample: windowed intensities and labels of a patch, in C order [X, Y, Z] (Z fastest).
public struct Patch: Sendable, Equatable {
    /// Intensities in window units (0…1 before augmentation), [X, Y, Z].
    public var image: [Float]
    /// Labels, [X, Y, Z].
    public var labels: [UInt8]
    /// The labels that were drawn in the source volume.
    public var labelled: Set<UInt8>
}

extension PatchDraw {
    /// The patch of this draw: trilinear intensities, nearest labels; outside the volume is air (window value 0) and background.
    public func apply(to volumes: [TrainingVolume], options: PatchOptions) -> Patch { apply(to: volumes[volume], options: options) }

    /// The patch of this draw from its volume.
    func apply(to source: TrainingVolume, options: PatchOptions) -> Patch {
        let shape = SIMD3(options.shape[0], options.shape[1], options.shape[2])
        let count = shape.x * shape.y * shape.z
        var labels = [UInt8](repeating: 0, count: count)
        var image = [Float](repeating: 0, count: count)
        let lower = Float(options.window[0])
        let scale = 1 / Float(options.window[1] - options.window[0])
        source.intensities.withUnsafeBufferPointer { intensities in
            source.labels.withUnsafeBufferPointer { sourceLabels in
                let sampler = GridSampler(shape: source.grid.shape, intensities: intensities, labels: sourceLabels)
                for x in 0..<shape.x {
                    for y in 0..<shape.y {
                        sampleRow(x, y, shape: shape, sampler: sampler) { z, value, label in
                            let index = (x * shape.y + y) * shape.z + z
                            image[index] = min(1, max(0, (value - lower) * scale))
                            labels[index] = label
                        }
                    }
                }
            }
        }
        if isFlipped { PatchDraw.swapSides(&labels) }
        augment(&image, shape: shape)
        return Patch(image: image, labels: labels, labelled: source.labelled)
    }

    /// Visits the voxels (x, y, 0…) of the patch with the sampled HU and label.
    @inline(__always)
    private func sampleRow(_ x: Int, _ y: Int, shape: SIMD3<Int>, sampler: GridSampler, visit: (Int, Float, UInt8) -> Void) {
        let start = transform(SIMD3(Double(x), Double(y), 0))
        let step = transform.columns[2]
        for z in 0..<shape.z {
            var position = SIMD3<Float>(start + step * Double(z))
            if !displacement.isEmpty { position += displacement(at: SIMD3(x, y, z), shape: shape) }
            visit(z, sampler.intensity(at: position), sampler.label(at: position))
        }
    }

    /// The trilinearly interpolated elastic displacement at a patch voxel, in voxels of the volume.
    @inline(__always)
    private func displacement(at voxel: SIMD3<Int>, shape: SIMD3<Int>) -> SIMD3<Float> {
        let n = PatchDraw.latticeSize
        let unit = SIMD3<Float>(Float(voxel.x), Float(voxel.y), Float(voxel.z)) * Float(n - 1)
        let position = unit / SIMD3(Float(shape.x), Float(shape.y), Float(shape.z))
        let base = SIMD3(Int(position.x), Int(position.y), Int(position.z))
        let f = position - SIMD3(Float(base.x), Float(base.y), Float(base.z))
        return displacement.withUnsafeBufferPointer { nodes in
            let corner = (base.x * n + base.y) * n + base.z
            func edge(_ at: Int) -> SIMD3<Float> { nodes[at] + (nodes[at + 1] - nodes[at]) * f.z }
            func face(_ at: Int) -> SIMD3<Float> {
                let low = edge(at)
                return low + (edge(at + n) - low) * f.y
            }
            let low = face(corner)
            return low + (face(corner + n * n) - low) * f.x
        }
    }

    /// Contrast, shift, smoothing and noise, in window units.
    private func augment(_ image: inout [Float], shape: SIMD3<Int>) {
        if isSmoothed { PatchDraw.smooth(&image, shape: shape) }
        var random = RandomSource(noiseSeed)
        for index in image.indices where image[index] > 0 {
            var value = (image[index] - 0.5) * contrast + 0.5 + shift
            if noise > 0 { value += noise * PatchDraw.cheapNormal(&random) }
            image[index] = min(1, max(0, value))
        }
    }

    /// An approximately normal number from one draw: the sum of four 16-bit uniforms, standardised.
    @inline(__always)
    private static func cheapNormal(_ random: inout RandomSource) -> Float {
        let bits = random.next()
        let sum = Float(bits & 0xFFFF) + Float((bits >> 16) & 0xFFFF) + Float((bits >> 32) & 0xFFFF) + Float(bits >> 48)
        return (sum / 65536 - 2) * 1.7320508
    }

    /// Swaps the labels of paired organs.
    static func swapSides(_ labels: inout [UInt8]) {
        var table = [UInt8](0...255)
        for organ in Organ.allCases { table[Int(organ.rawValue)] = organ.mirrored.rawValue }
        for index in labels.indices { labels[index] = table[Int(labels[index])] }
    }

    /// A separable [1 2 1]/4 filter along each axis, borders kept.
    static func smooth(_ image: inout [Float], shape: SIMD3<Int>) {
        let strides = [shape.y * shape.z, shape.z, 1]
        for axis in 0..<3 {
            let stride = strides[axis]
            let length = shape[axis]
            var result = image
            for index in image.indices {
                let along = index / stride % length
                if along == 0 || along == length - 1 { continue }
                result[index] = 0.25 * image[index - stride] + 0.5 * image[index] + 0.25 * image[index + stride]
            }
            image = result
        }
    }
}

/// Reads a volume between its voxels.
struct GridSampler {
    let shape: SIMD3<Int>
    let intensities: UnsafeBufferPointer<Int16>
    let labels: UnsafeBufferPointer<UInt8>

    /// HU outside the volume.
    static let air: Float = -1024

    /// Whether the position lies within half a voxel of the grid.
    @inline(__always)
    private func contains(_ p: SIMD3<Float>) -> Bool {
        p.x >= -0.5 && p.y >= -0.5 && p.z >= -0.5 && p.x < Float(shape.x) - 0.5 && p.y < Float(shape.y) - 0.5 && p.z < Float(shape.z) - 0.5
    }

    /// The trilinear intensity in HU at a voxel coordinate; air outside.
    @inline(__always)
    func intensity(at point: SIMD3<Float>) -> Float {
        guard contains(point) else { return GridSampler.air }
        let limit = SIMD3<Float>(Float(shape.x - 1), Float(shape.y - 1), Float(shape.z - 1))
        let p = point.clamped(lowerBound: .zero, upperBound: limit)
        let x0 = Int(p.x)
        let y0 = Int(p.y)
        let z0 = Int(p.z)
        let fx = p.x - Float(x0)
        let fy = p.y - Float(y0)
        let fz = p.z - Float(z0)
        let dx = x0 + 1 < shape.x ? 1 : 0
        let dy = y0 + 1 < shape.y ? shape.x : 0
        let dz = z0 + 1 < shape.z ? shape.x * shape.y : 0
        let base = x0 + shape.x * (y0 + shape.y * z0)
        @inline(__always) func edge(_ at: Int) -> Float {
            let low = Float(intensities[at])
            return low + (Float(intensities[at + dx]) - low) * fx
        }
        let front = edge(base) + (edge(base + dy) - edge(base)) * fy
        let back = edge(base + dz) + (edge(base + dz + dy) - edge(base + dz)) * fy
        return front + (back - front) * fz
    }

    /// The nearest label at a voxel coordinate; 0 outside.
    @inline(__always)
    func label(at point: SIMD3<Float>) -> UInt8 {
        guard contains(point) else { return 0 }
        let x = min(shape.x - 1, max(0, Int((point.x + 0.5).rounded(.down))))
        let y = min(shape.y - 1, max(0, Int((point.y + 0.5).rounded(.down))))
        let z = min(shape.z - 1, max(0, Int((point.z + 0.5).rounded(.down))))
        return labels[x + shape.x * (y + shape.y * z)]
    }
}
