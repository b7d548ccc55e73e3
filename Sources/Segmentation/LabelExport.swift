import MedicalImaging
import Preprocessing

/// Where the voxels of the original grid lie in the processed volume, in processed voxels.
package enum SamplingMap: Sendable {
    /// Original axis a runs along processed axis `axes[a]`, at the coordinates `coordinates[a]`, which rise or fall throughout.
    case separable(axes: SIMD3<Int>, coordinates: [[Double]])
    /// Any affine map of original indices, clamped to the box `lower ... upper`.
    case general(Affine, lower: SIMD3<Double>, upper: SIMD3<Double>)
}

/// Writes labels at the voxels of the original grid, brick by brick: inverse resampling and argmax in one step.
///
/// Every original voxel belongs to the cell in which it lies and is written once, when that cell's brick is read. Voxels outside of the
/// processed volume keep label 0.
package struct LabelExport: Sendable {
    /// The shape of the original grid.
    package let shape: SIMD3<Int>
    package let processedShape: SIMD3<Int>
    private let sampling: Sampling
    /// What is written for each class.
    private let relabelling: [UInt8]

    private enum Sampling: Sendable {
        case none
        case separable(axes: SIMD3<Int>, samples: [AxisSamples])
        case general(AffineSampler)
    }

    /// - Parameters:
    ///   - foreground: the part of the processed volume whose probabilities count, or `nil` for all; they are zero outside.
    ///   - classes: the classes to keep, or `nil` for all; the others become background.
    package init(
        map: SamplingMap, shape: SIMD3<Int>, processedShape: SIMD3<Int>, foreground: VoxelBox? = nil, classes: Set<UInt8>? = nil
    ) {
        let box = foreground ?? VoxelBox(shape: processedShape)
        let inside = (0..<3).map { box.lower[$0]..<max(box.lower[$0], box.upper[$0]) }
        self.shape = shape
        self.processedShape = processedShape
        relabelling = (0...255).map { label in classes.map { $0.contains(label) } ?? true ? label : 0 }
        guard inside.allSatisfy({ !$0.isEmpty }) else {
            sampling = .none
            return
        }
        switch map {
        case .separable(let axes, let coordinates):
            let samples = (0..<3).map { AxisSamples(coordinates[$0], inside: inside[axes[$0]], cellCount: processedShape[axes[$0]]) }
            sampling = .separable(axes: axes, samples: samples)
        case .general(let affine, let lower, let upper):
            sampling = .general(AffineSampler(affine: affine, lower: lower, upper: upper, inside: inside, shape: shape))
        }
    }

    /// Whether labels are read between voxels too, which takes probabilities.
    package var readsMixtures: Bool {
        switch sampling {
        case .none: false
        case .separable(_, let samples): samples.contains { $0.samples.contains { $0.upperWeight != 0 } }
        case .general: true
        }
    }

    /// Writes the original voxels that lie in the cells of a brick.
    package func write<Element>(_ brick: LogitBrick<Element>, to labels: UnsafeMutablePointer<UInt8>) {
        let mixture = MixtureLabels(brick)
        // What is background already need not be written.
        if let label = mixture.commonLabel, relabelling[Int(label)] == 0 { return }
        switch sampling {
        case .none: break
        case .separable(let axes, let samples):
            let parts = (0..<3).map { samples[$0].positions(in: brick, along: axes[$0]) }
            if parts.allSatisfy({ !$0.samples.isEmpty }) { write(parts, mixture: mixture, to: labels) }
        case .general(let sampler):
            write(sampler, brick, mixture: mixture, to: labels)
        }
    }

    private func write(_ parts: [AxisSamples.Part], mixture: MixtureLabels, to labels: UnsafeMutablePointer<UInt8>) {
        for (z, sampleZ) in parts[2].samples.enumerated() {
            for (y, sampleY) in parts[1].samples.enumerated() {
                let target = labels + parts[0].start + shape.x * (parts[1].start + y + shape.y * (parts[2].start + z))
                if let label = mixture.commonLabel {
                    target.update(repeating: relabelling[Int(label)], count: parts[0].samples.count)
                } else {
                    writeRow(parts[0].samples, y: sampleY, z: sampleZ, mixture: mixture, to: target)
                }
            }
        }
    }

    @inline(__always) private func writeRow(
        _ row: [LinearSample], y: LinearSample, z: LinearSample, mixture: MixtureLabels, to target: UnsafeMutablePointer<UInt8>
    ) {
        relabelling.withUnsafeBufferPointer { relabelling in
            row.withUnsafeBufferPointer { row in
                for x in row.indices { target[x] = relabelling[Int(mixture.label(row[x], y, z))] }
            }
        }
    }

    private func write<Element>(
        _ sampler: AffineSampler, _ brick: LogitBrick<Element>, mixture: MixtureLabels, to labels: UnsafeMutablePointer<UInt8>
    ) {
        let region = sampler.region(of: brick.lower, brick.upper, count: processedShape)
        for k in region.box.lower.z..<region.box.upper.z {
            for j in region.box.lower.y..<region.box.upper.y {
                let target = labels + shape.x * (j + shape.y * k)
                for i in sampler.candidates(j: j, k: k, region: region) {
                    guard let sample = sampler.sample(i, j, k, in: brick) else { continue }
                    let label = mixture.commonLabel ?? mixture.label(sample.x, sample.y, sample.z)
                    target[i] = relabelling[Int(label)]
                }
            }
        }
    }
}
