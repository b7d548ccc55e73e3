import Foundation
import MedicalImaging
import Preprocessing
import Segmentation
import Torch
import Weights

extension Session {
    /// Writes `volume` (shape Z, Y, X: the first axis is stored fastest) and `affine` (4×4).
    func preprocess(_ request: Request) throws -> Reply {
        let loaded = try ImageFile.read(URL(filePath: request.required(request.image, "image")))
        var processed: PreprocessedVolume?
        let seconds = try timed { processed = try PreprocessingRecipe.abdominalCT.apply(to: loaded.volume) }
        guard let volume = processed?.volume, let path = request.output else { return Reply(seconds: seconds) }
        let shape = volume.grid.shape
        let rows = volume.grid.affine.rowMajor + [0, 0, 0, 1]
        let affine = rows.withUnsafeBufferPointer { Data(buffer: $0) }
        let entries = [
            ("volume", StoredTensor(floats: volume.voxels, shape: [shape.z, shape.y, shape.x])),
            ("affine", try StoredTensor(type: .float64, shape: [4, 4], bytes: affine)),
        ]
        try WeightFile.writeSafetensors(StateDictionary(entries), to: URL(filePath: path))
        return Reply(seconds: seconds)
    }

    /// The whole way from file to file with a loaded UNETR.
    func segment(_ request: Request) throws -> Reply {
        guard case .unetr(let network) = try network(request) else { throw RequestError(reason: "only a UNETR segments") }
        return try segment(request, with: NetworkPredictor(network: network))
    }

    /// Reads the model file `weights` and predicts one window of zeros; the logits go to `output`.
    func predict(_ request: Request) throws -> Reply {
        let package = try ModelPackage.read(URL(filePath: request.required(request.weights, "weights")))
        let predictor = try NetworkPredictor(network: package.network)
        let shape = package.network.configuration.imageShape
        let logits = try predictor.predict([Float](repeating: 0, count: shape.reduce(1, *)), count: 1)
        if let path = request.output {
            let tensor = StoredTensor(floats: logits, shape: [1, predictor.channelCount] + shape)
            try WeightFile.writeSafetensors(StateDictionary([("output", tensor)]), to: URL(filePath: path))
        }
        return Reply()
    }

    /// The same with a stand-in for the network.
    func pipeline(_ request: Request) throws -> Reply {
        try segment(request, with: StandInPredictor())
    }

    private func segment(_ request: Request, with predictor: any WindowPredictor) throws -> Reply {
        let image = URL(filePath: try request.required(request.image, "image"))
        let output = URL(filePath: try request.required(request.output, "output"))
        var options = SegmentationOptions()
        options.overlap = request.overlap ?? options.overlap
        options.skipsBackgroundWindows = request.skipsAir ?? options.skipsBackgroundWindows
        var networkSeconds = 0.0
        let segmenter = try Segmenter(predictor: predictor, recipe: .abdominalCT, options: options)
        PeakMemory.reset()
        let seconds = try timed {
            let loaded = try ImageFile.read(image)
            let source = loaded.source
            let result = try segmenter.segment(loaded.volume)
            networkSeconds = result.seconds[.network] ?? 0
            try ImageFile.write(result.labels, to: output, like: source, labelNames: [:])
        }
        return Reply(seconds: seconds, networkSeconds: networkSeconds, peakBytes: PeakMemory.bytes)
    }
}

/// Logits that a formula gives: channel c of intensity x is x (c + 1) − 0.035 c².
struct StandInPredictor: WindowPredictor {
    let channelCount = 14
    let windowShape = SIMD3(96, 96, 96)

    private let logits = Buffer()

    /// The logits of the last batch: their memory is reused, as that of a network is.
    private final class Buffer {
        var values: [Float] = []
    }

    func predict(_ windows: [Float], count: Int) throws -> [Float] {
        let voxels = windowShape.x * windowShape.y * windowShape.z
        if logits.values.count != windows.count * channelCount { logits.values = [Float](repeating: 0, count: windows.count * channelCount) }
        logits.values.withUnsafeMutableBufferPointer { buffer in
            windows.withUnsafeBufferPointer { windows in
                for window in 0..<count {
                    for channel in 0..<channelCount {
                        let (target, source) = (
                            buffer.baseAddress! + (window * channelCount + channel) * voxels, windows.baseAddress! + window * voxels
                        )
                        let (scale, offset) = (Float(channel + 1), 0.035 * Float(channel * channel))
                        for voxel in 0..<voxels { target[voxel] = source[voxel] * scale - offset }
                    }
                }
            }
        }
        return logits.values
    }
}

/// Peak resident memory of this process (Linux only).
enum PeakMemory {
    /// Starts a new peak, where the kernel allows it.
    static func reset() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs")) }

    static var bytes: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first.map { $0 * 1024 }
    }
}
