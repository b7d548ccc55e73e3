import MedicalImaging
import Preprocessing

/// Where the voxels of the original grid lie in the processed volume, in processed voxels.
package enum SamplingMap: Sendable {
    /// Original axis a runs along processed axis `axes[a]`, at the coordinates `coordinates[a]`, which rise or fall throughout.
    case separable(axes: SIMD3<Int>, coordinates: [[Double]])
    /// Any affine map of original indices, clamped to the box `lower ... upper`.
    case general(Affine, lower: SIMD3<Double>, upper: SIMD3<Double>)
}

/// Writes the labels of a slab's final planes at the voxels of the original grid: inverse resampling and argmax in one step.
///
/// Every original voxel is written once, as soon as the planes around it are final. Voxels outside of the processed volume keep label 0.
package struct LabelExport: Sendable {
    /// The shape of the original grid.
    package let shape: SIMD3<Int>
    package let processedShape: SIMD3<Int>
    private let map: SamplingMap
    /// Per processed axis, the voxels whose probabilities count.
    private let inside: [Range<Int>]
    /// What is written for each class.
    private let relabelling: [UInt8]
    /// Per original axis its samples in processed voxels; empty when the map is general.
    private let samples: [[LinearSample]]

    /// - Parameters:
    ///   - foreground: the part of the processed volume whose probabilities count, or `nil` for all; they are zero outside.
    ///   - classes: the classes to keep, or `nil` for all; the others become background.
    package init(
        map: SamplingMap, shape: SIMD3<Int>, processedShape: SIMD3<Int>, foreground: VoxelBox? = nil, classes: Set<UInt8>? = nil
    ) {
        let box = foreground ?? VoxelBox(shape: processedShape)
        let inside = (0..<3).map { box.lower[$0]..<max(box.lower[$0], box.upper[$0]) }
        self.map = map
        self.shape = shape
        self.processedShape = processedShape
        self.inside = inside
        let isEmpty = inside.contains(where: \.isEmpty)
        relabelling = (0...255).map { label in classes.map { $0.contains(label) } ?? true ? label : 0 }
        switch map {
        case .separable(let axes, let coordinates) where !isEmpty:
            samples = (0..<3).map { axis in
                coordinates[axis].map { LinearSample($0, inside: inside[axes[axis]]) }
            }
        case .separable, .general: samples = []
        }
    }

    /// Writes the original voxels whose last plane is among `fresh`, the planes that have just become final.
    package func write<Element>(_ fresh: Range<Int>, of slab: LogitSlab<Element>, to labels: inout [UInt8]) {
        guard !fresh.isEmpty, inside.allSatisfy({ !$0.isEmpty }) else { return }
        labels.withUnsafeMutableBufferPointer { buffer in
            switch map {
            case .separable(let axes, _): writeSeparable(fresh, of: slab, axes: axes, to: buffer.baseAddress!)
            case .general(let affine, let lower, let upper):
                let sampler = AffineSampler(affine: affine, lower: lower, upper: upper, inside: inside, slab: slab)
                writeGeneral(fresh, of: slab, sampler: sampler, to: buffer.baseAddress!)
            }
        }
    }

    // MARK: Separable maps

    private func writeSeparable<Element>(
        _ fresh: Range<Int>, of slab: LogitSlab<Element>, axes: SIMD3<Int>, to labels: UnsafeMutablePointer<UInt8>
    ) {
        let tables = (0..<3).map { positions(axis: $0, along: axes[$0], fresh: fresh, slab: slab) }
        guard tables.allSatisfy({ !$0.isEmpty }) else { return }
        let mixture = MixtureLabels(slab)
        let rows = tables[1].count
        let chunks = (rows + 63) / 64
        concurrently(tables[2].count * chunks) { task in
            let z = tables[2][task / chunks]
            for row in task % chunks * 64..<min(rows, (task % chunks + 1) * 64) {
                let y = tables[1][row]
                let target = labels + shape.x * (y.index + shape.y * z.index)
                writeRow(tables[0], y: y.sample, z: z.sample, mixture: mixture, to: target)
            }
        }
    }

    @inline(__always) private func writeRow<Element>(
        _ row: [IndexedSample], y: LinearSample, z: LinearSample, mixture: MixtureLabels<Element>, to target: UnsafeMutablePointer<UInt8>
    ) {
        relabelling.withUnsafeBufferPointer { relabelling in
            row.withUnsafeBufferPointer { row in
                for x in row { target[x.index] = relabelling[Int(mixture.label(x.sample, y, z))] }
            }
        }
    }

    /// A sample of the original voxel `index` along one axis, in voxels of the slab.
    private struct IndexedSample {
        var index: Int
        var sample: LinearSample
    }

    /// The samples along an original axis that lie inside the volume and, along the last processed axis, end in a fresh plane.
    private func positions<Element>(axis: Int, along processed: Int, fresh: Range<Int>, slab: LogitSlab<Element>) -> [IndexedSample] {
        samples[axis].enumerated().compactMap { index, sample in
            guard !sample.isOutside, processed < 2 || fresh.contains(sample.lastPlane(count: processedShape.z)) else { return nil }
            func position(_ voxel: Int32) -> Int32 {
                switch processed {
                case 0: voxel * Int32(processedShape.y)
                case 1: voxel
                default: Int32(slab.planeStart(Int(voxel)))
                }
            }
            let shifted = LinearSample(
                lower: position(sample.lower), upper: position(sample.upper), lowerWeight: sample.lowerWeight, upperWeight: sample.upperWeight)
            return IndexedSample(index: index, sample: shifted)
        }
    }

    // MARK: General maps

    private func writeGeneral<Element>(
        _ fresh: Range<Int>, of slab: LogitSlab<Element>, sampler: AffineSampler, to labels: UnsafeMutablePointer<UInt8>
    ) {
        let mixture = MixtureLabels(slab)
        concurrently(shape.z) { k in
            for j in 0..<shape.y {
                let target = labels + shape.x * (j + shape.y * k)
                for i in sampler.candidates(j: j, k: k, count: shape.x, fresh: fresh) {
                    guard let sample = sampler.sample(i, j, k, fresh: fresh) else { continue }
                    target[i] = relabelling[Int(mixture.label(sample.x, sample.y, sample.z))]
                }
            }
        }
    }
}
