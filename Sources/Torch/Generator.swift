import CTorch

/// A source of random numbers with its own state.
public final class Generator {
    let handle: CTorchGeneratorRef

    /// A CPU generator; equal seeds give equal numbers.
    public init(seed: UInt64) throws(TorchError) {
        guard let handle = ctorch_generator_make(seed) else { throw .operation("generator", operands: [], reason: lastReason()) }
        self.handle = handle
    }

    deinit { ctorch_generator_release(handle) }

    /// The state as a uint8 tensor, to be saved and given to `restore(_:)`.
    public func state() throws(TorchError) -> Tensor { try Tensor.made("generator state", ctorch_generator_state(handle)) }
    /// Continues from a saved state.
    public func restore(_ state: Tensor) throws(TorchError) {
        try check(ctorch_generator_set_state(handle, state.handle), "restore generator", [state.summary])
    }

    /// Seeds the default generators of all devices.
    public static func seedDefault(_ seed: UInt64) throws(TorchError) { try check(ctorch_manual_seed(seed), "seed") }
    /// The state of the default CPU generator.
    public static func defaultState() throws(TorchError) -> Tensor { try Tensor.made("generator state", ctorch_generator_state(nil)) }
    /// Continues the default CPU generator from a saved state.
    public static func restoreDefault(_ state: Tensor) throws(TorchError) {
        try check(ctorch_generator_set_state(nil, state.handle), "restore generator", [state.summary])
    }
}

/// Seeds the default generators of all devices.
public func manualSeed(_ seed: UInt64) throws(TorchError) { try Generator.seedDefault(seed) }

/// How many threads one CPU operation uses.
public enum Threads {
    public static var count: Int {
        get { ctorch_thread_count() }
        set { _ = ctorch_set_thread_count(max(1, newValue)) }
    }
}

/// LibTorch's version, such as 2.11.0.
public var libTorchVersion: String { String(cString: ctorch_version()) }

/// The CPU kernels of this project beside LibTorch's own.
public enum Kernels {
    /// The instruction set they use on this processor.
    public static var instructionSet: String { String(cString: ctorch_kernel_set()) }
    /// Sends this thread's layers to LibTorch's own kernels (false) or back to ours (true, as at the start): the oracle of tests and benchmarks.
    package static func use(_ enabled: Bool) { ctorch_use_own_kernels(enabled) }
}
