import Torch

/// The number format in which a network computes.
public enum Precision: String, Sendable, Codable, CaseIterable {
    case fp32
    /// Products in bfloat16, sums and norms in single precision.
    case bf16
    /// Products in half precision, which overflows at 65504.
    case fp16

    /// The type for convolutions and matrix products, or `nil` for that of the weights.
    package var dtype: DType? {
        switch self {
        case .fp32: nil
        case .bf16: .bfloat16
        case .fp16: .float16
        }
    }

    /// What is computed in on `device`: single precision where the processor has no matrix units for this format.
    ///
    /// There LibTorch takes twice to many times as long as our kernels in single precision, to a worse result (decision 0013).
    public func effective(on device: Device) -> Precision { dtype?.isFast(on: device.kind) ?? true ? self : .fp32 }

    /// Runs a forward pass in the effective precision.
    package func computing<Result>(on device: Device, _ body: () throws -> Result) throws -> Result {
        guard let dtype = effective(on: device).dtype else { return try body() }
        return try withAutocast(dtype, on: device.kind, body)
    }

    /// What a user who asked for this precision should know, or `nil` when they get it.
    package func remark(on device: Device) -> String? {
        guard effective(on: device) != self else { return nil }
        return "this processor has no matrix units for \(rawValue): computing in fp32, which is faster here and more exact"
    }
}
