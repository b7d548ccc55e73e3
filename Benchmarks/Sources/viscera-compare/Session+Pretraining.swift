import Foundation
import Learning
import Torch

/// The random transforms of pre-training, with the published numbers.
enum Transform: String, Decodable {
    case inner, outer, shuffle, crop
}

extension Session {
    /// Applies a transform, driven by NumPy's generator of the seed, to `image` [1, X, Y, Z] and writes the result as `image`; a crop of half
    /// the extent is written instead for `crop`.
    func corrupt(_ request: Request) throws -> Reply {
        let input = try TensorFile.read(URL(filePath: request.required(request.input, "input")))
        let image = try request.required(input["image"], "image in the input file")
        let shape = SIMD3(image.shape[1], image.shape[2], image.shape[3])
        let patch = ImagePatch(shape: shape, voxels: try image.floats())
        var random = NumPyRandom(seed: try request.required(request.seed, "seed"))
        var result = patch
        switch try request.required(request.transform, "transform") {
        case .inner: result = CoarseDropout.inner.draw(in: shape, random: &random)?.apply(to: patch) ?? patch
        case .outer: result = CoarseDropout.outer.draw(in: shape, random: &random)?.apply(to: patch) ?? patch
        case .shuffle: result = CoarseShuffle.published.draw(in: shape, random: &random)?.apply(to: patch) ?? patch
        case .crop:
            let start = CropDraw(of: shape / 2, in: shape, random: &random).start
            let cropped = try (0..<3).reduce(image) { try $0.narrowed(axis: $1 + 1, start: start[$1], length: shape[$1] / 2) }
            result = ImagePatch(shape: shape / 2, voxels: try cropped.floats())
        }
        let extent = [1, result.shape.x, result.shape.y, result.shape.z]
        let output = URL(filePath: try request.required(request.output, "output"))
        try TensorFile.write([("image", Tensor(result.voxels, shape: extent))], to: output)
        return Reply()
    }

    /// Trains a loaded auto-encoder on the batches `clean.n`, `first.n`, `second.n` of the input file, n from 0, and replies with the losses.
    func pretrain(_ request: Request) throws -> Reply {
        guard case .autoencoder(let network) = try network(request) else { throw RequestError(reason: "only an auto-encoder is pre-trained") }
        let batches = try TensorFile.read(URL(filePath: request.required(request.input, "input")))
        try network.setRequiresGradient(true)
        let optimizer = try optimizer(request) {
            Adam(network.namedParameters(), options: AdamOptions(learningRate: try request.required(request.learningRate, "learningRate")))
        }
        var memory = MemoryOptions()
        memory.microBatch = request.microBatch
        var reply = Reply(losses: [])
        PeakMemory.reset()
        reply.seconds = try timed {
            for step in 0..<(request.count ?? 1) {
                let parts = try ["clean", "first", "second"].map { try request.required(batches["\($0).\(step)"], "\($0).\(step) in the input file") }
                let batch = PretrainingBatch(clean: parts[0], views: [parts[1], parts[2]])
                let loss = try PretrainingObjective().loss(of: network, on: batch, memory: memory)
                reply.losses?.append(try loss.total.item())
                try loss.total.backward()
                try loss.tape?.backward()
                try optimizer.step()
                try optimizer.clearGradients()
            }
        }
        reply.peakBytes = PeakMemory.bytes
        return reply
    }
}
