import Torch

/// Trades time for memory: segments of a computation run without being recorded, and `backward()` runs them once more, recorded, from the last to the
/// first (activation checkpointing, Chen et al. 2016; PyTorch 2.11 `torch.utils.checkpoint`).
///
/// Between the two passes only the inputs and outputs of segments are kept. Gradients equal those of the recorded computation as long as a segment
/// computes the same twice: whatever it draws at random must not differ.
///
///     let tape = RecomputationTape()
///     let hidden = try tape.run([image]) { inputs, _ in try encoder(inputs[0]) }
///     try loss(hidden).backward()
///     try tape.backward()
public final class RecomputationTape {
    /// A segment: what it computes from its inputs. The tape is for segments within, where the segment was run with `nesting`.
    public typealias Body = (_ inputs: [Tensor], _ tape: RecomputationTape?) throws(TorchError) -> Tensor

    private struct Segment {
        let inputs: [Tensor]
        let output: Tensor
        let nests: Bool
        let body: Body
    }

    private var segments: [Segment] = []

    public init() {}

    /// Runs a segment without recording it.
    /// - Parameters:
    ///   - inputs: outputs of earlier segments, or tensors that nothing was recorded for; other tensors that carry gradients are refused.
    ///   - nests: whether the segment is divided into segments of its own when it runs for the second time.
    /// - Returns: the output, from which recording starts afresh.
    public func run(_ inputs: [Tensor], nests: Bool = false, _ body: @escaping Body) throws(TorchError) -> Tensor {
        for input in inputs where input.requiresGradient && !segments.contains(where: { $0.output === input }) {
            throw .operation(
                "segment", operands: [input.summary], reason: "the input was recorded outside of the tape: make its computation a segment")
        }
        let output = try withoutGradients { () throws(TorchError) in try body(inputs, nil).detached() }.requiringGradient()
        segments.append(Segment(inputs: inputs, output: output, nests: nests, body: body))
        return output
    }

    /// Carries the gradients of the outputs on to parameters and earlier outputs; to be called after `backward()` of what was computed from them.
    /// - Parameter recomputing: runs a segment in the setting of the first pass, such as within `withAutocast`.
    public func backward(recomputing: (() throws(TorchError) -> Tensor) throws -> Tensor = { body in try body() }) throws {
        while let segment = segments.popLast() {
            // An output that nothing was computed from has no gradient.
            guard let gradient = segment.output.gradient else { continue }
            try segment.output.setGradient(nil)
            let inner = segment.nests ? RecomputationTape() : nil
            let output = try recomputing { () throws(TorchError) in try segment.body(segment.inputs, inner) }
            // Frozen segments behind frozen ones record nothing.
            guard output.requiresGradient else { continue }
            try output.backward(gradient)
            try inner?.backward(recomputing: recomputing)
        }
    }
}

extension Optional where Wrapped == RecomputationTape {
    /// Runs a segment on the tape; without one, as any other computation.
    public func run(_ inputs: [Tensor], _ body: @escaping RecomputationTape.Body) throws(TorchError) -> Tensor {
        switch self {
        case .some(let tape): try tape.run(inputs, body)
        case .none: try body(inputs, nil)
        }
    }
}
