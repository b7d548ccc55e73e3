import CTorch
import Foundation

extension Tensor {
    /// The elements in C order. Throws unless the tensor holds exactly this type: nothing is converted in silence.
    public func elements<Element: TensorElement>(_ type: Element.Type) throws(TorchError) -> [Element] {
        guard dtype == Element.dtype else { throw .wrongType(expected: Element.dtype, found: dtype, operation: "elements(\(type))") }
        let count = self.count
        var succeeded = true
        let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            if let base = bytes.baseAddress { succeeded = ctorch_read(handle, base, count * MemoryLayout<Element>.stride) }
            initialized = succeeded ? count : 0
        }
        try check(succeeded, "read", [summary])
        return values
    }

    /// The elements of a float32 tensor in C order.
    public func floats() throws(TorchError) -> [Float] { try elements(Float.self) }
    /// Calls `body` with the elements of a float32 tensor in C order, where they lie when they lie so; valid during the call only.
    public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result {
        guard dtype == .float32 else { throw TorchError.wrongType(expected: .float32, found: dtype, operation: "withFloats") }
        let host = try to(.float32, .cpu).contiguous()
        guard let elements = ctorch_elements(host.handle) else { return try floats().withUnsafeBufferPointer(body) }
        return try withExtendedLifetime(host) {
            try body(UnsafeBufferPointer(start: elements.assumingMemoryBound(to: Float.self), count: count))
        }
    }

    /// The elements of a float64 tensor in C order.
    public func doubles() throws(TorchError) -> [Double] { try elements(Double.self) }
    /// The elements of an int64 tensor in C order.
    public func int64s() throws(TorchError) -> [Int64] { try elements(Int64.self) }
    /// The elements of a uint8 tensor in C order.
    public func uint8s() throws(TorchError) -> [UInt8] { try elements(UInt8.self) }

    /// The value of a tensor of one element, of any type.
    public func item() throws(TorchError) -> Double {
        guard count == 1 else { throw .notScalar(shape: shape) }
        let converted = try to(.float64, .cpu)
        var value = 0.0
        try check(ctorch_read(converted.handle, &value, 8), "item", [summary])
        return value
    }

    /// The elements' bytes in C order, little endian.
    public func data() throws(TorchError) -> Data {
        let size = count * dtype.size
        var bytes = Data(count: size)
        let succeeded = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { ctorch_read(handle, $0, size) } ?? true
        }
        try check(succeeded, "data", [summary])
        return bytes
    }
}
