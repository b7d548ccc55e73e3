import Torch
import TorchNN

/// A forward pass that spares memory as its options say.
struct SparingForward {
    let options: MemoryOptions
    /// What must run after the loss's `backward()`; `nil` where all was recorded.
    let tape: RecomputationTape?

    /// - Parameters:
    ///   - batch: how many samples the pass gets.
    init(_ options: MemoryOptions, batch: Int) {
        self.options = options
        let splits = options.microBatch.map { $0 < batch } ?? false
        tape = splits || options.activationCheckpointing ? RecomputationTape() : nil
    }

    /// Runs the network on [batch, …], in micro-batches where the batch is larger than one.
    ///
    /// Each micro-batch is a segment of the tape: only its output is kept, the loss sees the outputs of the whole batch, and the micro-batches run once
    /// more, one after the other, on the way back (Gao et al. 2021, GradCache). That is exact for any loss, contrastive ones included.
    func callAsFunction(_ input: Tensor, through network: @escaping (Tensor, RecomputationTape?) throws(TorchError) -> Tensor) throws(TorchError)
        -> Tensor
    {
        let count = input.shape[0]
        guard let size = options.microBatch, size < count, let tape else { return try network(input, tape) }
        var outputs: [Tensor] = []
        for start in stride(from: 0, to: count, by: size) {
            let part = try input.narrowed(axis: 0, start: start, length: min(size, count - start))
            let output = try tape.run([part], nests: options.activationCheckpointing) { (inputs, inner) throws(TorchError) in
                try network(inputs[0], inner)
            }
            outputs.append(output)
        }
        return try Tensor.concatenated(outputs, axis: 0)
    }
}
