import CTorch

/// Runs `body` with convolutions and matrix products on `device` computed in `dtype` (bfloat16 or float16), on this thread. Must not contain a
/// suspension point.
///
/// Weights stay as they are; LibTorch converts them at each use and keeps operations that need it in float32.
public func withAutocast<Result>(_ dtype: DType, on device: Device.Kind, _ body: () throws -> Result) throws -> Result {
    var state = CTorchAutocast(enabled: true, dtype: dtype.rawValue)
    try check(ctorch_exchange_autocast(device.rawValue, &state), "autocast(\(dtype), \(device))")
    defer { _ = ctorch_exchange_autocast(device.rawValue, &state) }
    return try body()
}

extension DType {
    /// Whether `device` computes faster with numbers of this type than in float32. A processor does with matrix units for them (AMX); without any
    /// instructions LibTorch's kernels convert number by number, many times slower. Always true of GPUs, and of processors that are not asked
    /// (other than x86-64).
    public func isFast(on device: Device.Kind) -> Bool { device != .cpu || ctorch_processor_gains_from(rawValue) }
}

/// Runs `body` in the precision of its tensors on this thread, within `withAutocast` too: for sums and products that half precision would spoil.
public func withoutAutocast<Result>(on device: Device.Kind, _ body: () throws(TorchError) -> Result) throws(TorchError) -> Result {
    var state = CTorchAutocast(enabled: false, dtype: DType.bfloat16.rawValue)
    try check(ctorch_exchange_autocast(device.rawValue, &state), "autocast off (\(device))")
    defer { _ = ctorch_exchange_autocast(device.rawValue, &state) }
    return try body()
}
