import CTorch

/// An n-dimensional array of numbers, with the record of how it was computed where gradients are wanted.
///
/// A tensor is a reference to LibTorch's storage: views (`reshaped`, `permuted`, `narrowed`) share it, and `assign(_:)` and `fill(_:)` change it
/// for every view. It is not `Sendable`: gradient recording, autocast and errors are per thread, so one computation stays on one thread;
/// carry `[Float]` or `Data` between threads instead. Metadata never throws; whatever allocates or computes throws `TorchError`.
public final class Tensor {
    let handle: CTorchTensorRef

    init(owning handle: CTorchTensorRef) { self.handle = handle }

    deinit { ctorch_tensor_release(handle) }

    /// The extents, slowest axis first.
    public var shape: [Int] {
        let rank = ctorch_rank(handle)
        return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
            if let base = buffer.baseAddress { ctorch_shape(handle, base) }
            count = rank
        }
    }

    /// How many axes.
    public var rank: Int { ctorch_rank(handle) }
    /// How many elements.
    public var count: Int { ctorch_count(handle) }
    /// The element type.
    public var dtype: DType { DType(rawValue: ctorch_dtype(handle)) ?? .float32 }
    /// Where it lives.
    public var device: Device { Device(raw: ctorch_device(handle)) }
    /// Whether memory follows C order.
    public var isContiguous: Bool { ctorch_is_contiguous(handle, false) }
    /// Whether the channel axis of [batch, channel, X, Y, Z] is the fastest in memory.
    public var isChannelsLast: Bool { rank == 5 && ctorch_is_contiguous(handle, true) }
    /// Shape, type and place, for messages.
    public var summary: TensorDescription { TensorDescription(shape: shape, dtype: dtype, device: device) }

    /// How many tensors are alive at the moment in the whole process.
    public static var liveCount: Int { ctorch_live_tensors() }
    /// How many tensors were made on this thread less those released on it; leak tests compare it before and after a computation.
    public static var liveCountOfThread: Int { ctorch_live_tensors_of_thread() }

    /// Takes ownership of the result of `operation` on self (and others), or throws.
    func made(_ operation: @autoclosure () -> String, _ result: CTorchTensorRef?, _ others: Tensor?...) throws(TorchError) -> Tensor {
        if let result { return Tensor(owning: result) }
        let operands = [summary] + others.compactMap { $0?.summary }
        throw .latest(operation(), operands)
    }

    /// Takes ownership of the result of an operation without tensor operands, or throws.
    static func made(_ operation: @autoclosure () -> String, _ result: CTorchTensorRef?) throws(TorchError) -> Tensor {
        if let result { return Tensor(owning: result) }
        throw .latest(operation())
    }
}

extension Tensor: CustomStringConvertible {
    public var description: String { "Tensor \(summary)" }
}
