import CTorch

/// Why a tensor computation failed.
public enum TorchError: Error, Sendable, CustomStringConvertible, Equatable {
    /// LibTorch refused an operation: its name, what it was applied to, and LibTorch's reason.
    case operation(String, operands: [TensorDescription], reason: String)
    /// There was not enough memory for an operation: its name, what it was applied to, and how much was needed and available, as LibTorch or our
    /// allocator of the CPU's memory says.
    case memory(String, operands: [TensorDescription], reason: String)
    /// The elements given for a new tensor do not fill its shape.
    case elementCount(expected: Int, shape: [Int], found: Int)
    /// A tensor was read as another type than it has.
    case wrongType(expected: DType, found: DType, operation: String)
    /// A tensor of one element was expected.
    case notScalar(shape: [Int])
    /// The device named does not exist here.
    case deviceUnavailable(Device, reason: String)
    /// A file is no TorchScript program that LibTorch can load.
    case program(String, reason: String)
    /// A file could not be written by LibTorch.
    case file(String, reason: String)

    public var description: String {
        switch self {
        case .operation(let name, let operands, let reason), .memory(let name, let operands, let reason):
            let applied = operands.isEmpty ? "" : " on \(operands.map(\.description).joined(separator: " and "))"
            return "\(name)\(applied) failed: \(reason)"
        case .elementCount(let expected, let shape, let found):
            return "a tensor of shape \(shape) takes \(expected) elements, \(found) were given"
        case .wrongType(let expected, let found, let operation):
            return "\(operation) reads \(expected) elements, the tensor holds \(found): convert it with to(_:) first"
        case .notScalar(let shape):
            return "a tensor of one element was expected, found shape \(shape): reduce it first"
        case .deviceUnavailable(let device, let reason):
            return "device \(device) is not available: \(reason)"
        case .program(let path, let reason):
            return "\(path): LibTorch cannot load it as a TorchScript program: \(reason); save or fetch it again"
        case .file(let path, let reason):
            return "\(path): \(reason)"
        }
    }
}

/// A tensor's shape, type and place, for messages.
public struct TensorDescription: Sendable, Equatable, CustomStringConvertible {
    public var shape: [Int]
    public var dtype: DType
    public var device: Device

    public var description: String { device == .cpu ? "\(dtype)\(shape)" : "\(dtype)\(shape) on \(device)" }
}

extension TorchError {
    /// This thread's latest failure, which was that of an operation.
    /// - Parameter shortened: what is said of LibTorch's reason.
    static func latest(
        _ operation: String, _ operands: [TensorDescription] = [], shortened: (String) -> String = { $0 }
    ) -> TorchError {
        let reason = shortened(lastReason())
        return ctorch_last_error_is_memory()
            ? .memory(operation, operands: operands, reason: reason) : .operation(operation, operands: operands, reason: reason)
    }
}

/// The text LibTorch left for this thread's latest failure.
func lastReason() -> String {
    let text = String(cString: ctorch_last_error())
    return text.isEmpty ? "no reason given" : text
}

/// Throws the latest failure as `operation` unless `succeeded`.
func check(_ succeeded: Bool, _ operation: String, _ operands: [TensorDescription] = []) throws(TorchError) {
    if !succeeded { throw .latest(operation, operands) }
}
