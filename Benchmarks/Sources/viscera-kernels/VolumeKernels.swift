import Foundation
import MedicalImaging
import Preprocessing
import Segmentation
import Torch

/// What is done to volumes around the network.
enum VolumeKernels {
    static var all: [() throws -> KernelPair] { [resampling, export, compression, decompression] }

    /// A CT of 200×200×200 voxels at 0.8 mm to 1.5 mm: three passes of one axis each, against a gather of eight neighbours.
    private static func resampling() throws -> KernelPair {
        let side = 200
        let affine = Affine(columns: SIMD3(0.8, 0, 0), SIMD3(0, 0.8, 0), SIMD3(0, 0, 0.8), translation: .zero)
        let noise = try Tensor.randn([side * side * side], deviation: 100, generator: Generator(seed: 1)).floats()
        let volume = Volume(grid: VoxelGrid(shape: SIMD3(repeating: side), affine: affine), voxels: noise)
        let plan = try ResamplingPlan(source: volume.grid, spacing: [1.5, 1.5, 1.5])
        let separable = IndexMap(plan.indexMap, shape: plan.target.shape, tolerance: 1e-6)
        return KernelPair(
            name: "resampling, 200³ at 0.8 mm to 1.5 mm",
            plain: { _ = volume.resampledLinearly(to: plan.target, by: .general(plan.indexMap)) },
            ours: { _ = volume.resampledLinearly(to: plan.target, by: separable) })
    }

    /// Logits of 14 classes at 96³ to labels at 160³: streamed with a running argmax, against whole probability volumes.
    private static func export() throws -> KernelPair {
        let (side, target, channels) = (96, 160, 14)
        let coarse = try Tensor.randn([1, channels, 12, 12, 12], generator: Generator(seed: 2)).interpolated(to: [side, side, side])
        let logits = try (coarse * 4).floats()
        let weights = [Float](repeating: 1, count: side * side * side)
        let coordinates = (0..<target).map { Double($0) * Double(side - 1) / Double(target - 1) }
        let map = SamplingMap.separable(axes: SIMD3(0, 1, 2), coordinates: [coordinates, coordinates, coordinates])
        let shape = SIMD3(repeating: side)
        let export = LabelExport(map: map, shape: SIMD3(repeating: target), processedShape: shape)
        return KernelPair(
            name: "label export, 14 classes, 96³ to 160³",
            plain: {
                let probabilities = try Tensor(logits, shape: [1, channels, side, side, side]).softmax(axis: 1)
                _ = try probabilities.interpolated(to: [target, target, target], alignCorners: true).argmax(axis: 1)
            },
            ours: {
                let slab = LogitSlab<Float>(shape: shape, channelCount: channels, windowDepth: side)
                var labels = [UInt8](repeating: 0, count: target * target * target)
                _ = slab.add(logits, weights: weights, origin: .zero, window: shape, flip: .none)
                labels.withUnsafeMutableBufferPointer { labels in
                    let target = labels.baseAddress!
                    slab.settle(upTo: side) { export.write($0, to: target) }
                }
            })
    }

    /// 16 MB of noisy CT-like bytes, against the `gzip` program.
    private static func compression() throws -> KernelPair {
        let file = try NoiseFile()
        return KernelPair(name: "gzip, 16 MB", plain: { try file.gzip(["-6", "-c"], file.plain) }, ours: { _ = try Gzip.compress(file.content) })
    }

    private static func decompression() throws -> KernelPair {
        let file = try NoiseFile()
        let packed = try Gzip.compress(file.content)
        return KernelPair(
            name: "gunzip, 16 MB", plain: { try file.gzip(["-d", "-c"], file.packed) },
            ours: { _ = try Gzip.decompress(packed, expectedLength: file.content.count) })
    }
}

/// A file of noise and its compressed form, removed at the end.
private final class NoiseFile {
    let content: Data
    let plain: URL
    let packed: URL

    init() throws {
        let noise = try Tensor.randn([1 << 23], mean: 40, deviation: 20, generator: Generator(seed: 3)).floats().map { Int16($0) }
        content = noise.withUnsafeBytes { Data($0) }
        let name = FileManager.default.temporaryDirectory.appending(path: "viscera-kernels-\(UUID().uuidString)")
        plain = name
        packed = name.appendingPathExtension("gz")
        try content.write(to: plain)
        try Gzip.compress(content).write(to: packed)
    }

    deinit { for file in [plain, packed] { try? FileManager.default.removeItem(at: file) } }

    /// Runs `gzip`, its output thrown away.
    func gzip(_ options: [String], _ file: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip"] + options + [file.path]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }
}
