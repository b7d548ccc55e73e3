import CTorch

/// Several processes that compute one thing together, over LibTorch's c10d with Gloo.
///
/// Every process makes the same calls in the same order. A process that waits longer than the timeout throws, naming the ranks that did not come
/// where that can be known. Use a group on one thread.
public final class ProcessGroup {
    public let rank: Int
    public let size: Int
    private let handle: CTorchProcessGroupRef

    /// Joins the group; returns when all processes have.
    /// - Parameter timeout: seconds to wait for the others, here and in every later call.
    /// - Throws: `TorchError` naming the ranks that are missing, or an address that cannot be reached.
    public init(_ launch: Launch, timeout: Double = 1800) throws(TorchError) {
        rank = launch.rank
        size = launch.size
        let serves = launch.rank == 0 && !launch.launcherServes
        let made = launch.address.withCString { address in
            ctorch_process_group_make(
                CTorchRendezvous(
                    address: address, port: Int32(launch.port), rank: Int32(launch.rank), size: Int32(launch.size), hosts_store: serves,
                    timeout: timeout))
        }
        guard let made else {
            throw .operation("joining rank \(rank) of \(size) at \(launch.address):\(launch.port)", operands: [], reason: lastReason())
        }
        handle = made
    }

    deinit { ctorch_process_group_release(handle) }

    /// Whether this process writes the logs and files.
    public var isFirst: Bool { rank == 0 }

    /// Replaces each tensor, in place, by its mean over the processes.
    public func average(_ tensors: [Tensor]) throws(TorchError) { try reduce(tensors, scale: 1 / Double(size), name: "average over processes") }

    /// Replaces each tensor, in place, by its sum over the processes.
    public func sum(_ tensors: [Tensor]) throws(TorchError) { try reduce(tensors, scale: 1, name: "sum over processes") }

    /// Replaces each tensor, in place, by that of process `root`.
    public func broadcast(_ tensors: [Tensor], from root: Int = 0) throws(TorchError) {
        let handles = tensors.map(\.handle)
        try withExtendedLifetime(tensors) { () throws(TorchError) in
            try check(ctorch_broadcast(handle, handles, handles.count, root), "broadcast from rank \(root)", tensors.map(\.summary))
        }
    }

    /// [size] + shape: the tensors of all processes, in the order of their ranks; all have one shape.
    public func gather(_ tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.made("gather from processes", ctorch_all_gather(handle, tensor.handle))
    }

    /// The bytes of all processes, in the order of their ranks; their numbers may differ.
    public func gather(_ bytes: [UInt8]) throws(TorchError) -> [[UInt8]] {
        let counts = try gather(Tensor([Int64(bytes.count)])).int64s().map { Int($0) }
        guard let longest = counts.max(), longest > 0 else { return counts.map { _ in [] } }
        let all = try gather(Tensor(bytes + [UInt8](repeating: 0, count: longest - bytes.count))).uint8s()
        return counts.enumerated().map { rank, count in Array(all[rank * longest..<rank * longest + count]) }
    }

    /// The bytes of process `root`; what the others give is not looked at.
    public func broadcast(_ bytes: [UInt8], from root: Int) throws(TorchError) -> [UInt8] {
        let count = try Tensor([Int64(bytes.count)])
        try broadcast([count], from: root)
        let length = Int(try count.int64s()[0])
        guard length > 0 else { return [] }
        let content = rank == root ? try Tensor(bytes) : try Tensor.zeros([length], dtype: .uint8)
        try broadcast([content], from: root)
        return try content.uint8s()
    }

    /// Waits until all processes are here.
    public func barrier() throws(TorchError) { try check(ctorch_barrier(handle), "barrier of \(size) processes") }

    private func reduce(_ tensors: [Tensor], scale: Double, name: String) throws(TorchError) {
        let handles = tensors.map(\.handle)
        try withExtendedLifetime(tensors) { () throws(TorchError) in
            try check(ctorch_all_reduce(handle, handles, handles.count, scale), name, tensors.prefix(2).map(\.summary))
        }
    }
}
