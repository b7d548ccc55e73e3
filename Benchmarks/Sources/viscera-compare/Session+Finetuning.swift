import Foundation
import Learning
import Models
import Segmentation
import Torch

extension Session {
    /// Fine-tunes a loaded UNETR with the training loop of `viscera train` on the batches `image.n`, `label.n` of the input file, n from 0,
    /// and replies with the loss of every step; what leaves the leaky ReLUs in step n goes to the file `activations`.n. Published loss and optimizer: Dice + cross entropy, AdamW at a constant rate, nothing else.
    func finetune(_ request: Request) throws -> Reply {
        guard case .unetr(let network) = try network(request) else { throw RequestError(reason: "only a UNETR is fine-tuned") }
        let batches = try TensorFile.read(URL(filePath: request.required(request.input, "input")))
        let task = FinetuningTask(network: network, batches: batches, count: request.count ?? 1, trace: request.activations)
        var options = LoopOptions()
        (options.steps, options.logInterval, options.validationInterval) = (task.source.batchesPerEpoch, 1, 0)
        options.schedule = .constant(try request.required(request.learningRate, "learningRate"))
        options.weightDecay = try request.required(request.weightDecay, "weightDecay")
        (options.gradientClipping, options.averageDecay, options.rehearses) = (0, 0, false)
        let folder = FileManager.default.temporaryDirectory.appending(path: "viscera-compare-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let loop = try TrainingLoop(task: task, options: options, folder: folder, identity: "compare")
        var reply = Reply(losses: [])
        reply.seconds = try timed {
            try loop.run { event in if case .progressed(let summary) = event { reply.losses?.append(summary.loss) } }
        }
        return reply
    }
}

/// Supervised training on batches that somebody else made.
private final class FinetuningTask: LearningTask {
    /// The numbers of the batches; tensors stay on the loop's thread.
    struct Source: BatchSource {
        var batchesPerEpoch: Int
        func batch(at index: Int) -> Int { index }
    }

    let source: Source
    let parameters: [(name: String, tensor: Tensor)]
    private let network: UNETR
    private let batches: [String: Tensor]
    private let trace: String?

    init(network: UNETR, batches: [String: Tensor], count: Int, trace: String?) {
        (self.network, self.batches, self.trace) = (network, batches, trace)
        source = Source(batchesPerEpoch: count)
        parameters = network.namedParameters()
    }

    func loss(of batch: Int) throws -> LossValue {
        guard let image = batches["image.\(batch)"], let label = batches["label.\(batch)"] else {
            throw RequestError(reason: "the input file lacks image.\(batch) or label.\(batch)")
        }
        if let trace { try ActivationTrace.write(network, image, to: URL(filePath: "\(trace).\(batch)")) }
        let labels = try label.reshaped(to: [label.shape[0]] + label.shape[2...])
        return LossValue(total: try DiceCrossEntropy()(network(image), labels: labels).total)
    }

    func export(_ weights: [(name: String, tensor: Tensor)], step: Int, to url: URL) throws {}
}
