import Foundation

/// A tensor as it lies in a file: element type, shape and bytes, C-contiguous (last axis fastest) and little endian.
///
/// The bytes may be a window onto a memory-mapped file; they are paged in when touched. They are at no particular alignment.
public struct StoredTensor: Sendable, Equatable {
    /// The type of the elements.
    public let type: ScalarType
    /// The extent of each axis; empty for a scalar.
    public let shape: [Int]
    /// `elementCount * type.byteCount` bytes.
    public let bytes: Data

    /// A tensor of the given bytes.
    /// - Throws: `WeightError` when an extent is negative, the size overflows, or `bytes` has another length than the shape asks for.
    public init(type: ScalarType, shape: [Int], bytes: Data) throws(WeightError) {
        guard let expected = Self.byteCount(of: shape, type: type) else {
            throw WeightError(.mismatch(name: "shape", expected: "non-negative extents of a representable size", found: "\(shape)"))
        }
        guard bytes.count == expected else {
            throw WeightError(.mismatch(name: "bytes", expected: "\(expected) bytes for \(type) \(shape)", found: "\(bytes.count)"))
        }
        self.init(unchecked: type, shape: shape, bytes: bytes)
    }

    /// A tensor whose byte count the caller has established.
    package init(unchecked type: ScalarType, shape: [Int], bytes: Data) {
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    /// A float32 tensor.
    /// - Precondition: the product of `shape` is `floats.count`.
    public init(floats: [Float], shape: [Int]) {
        precondition(Self.elementCount(of: shape) == floats.count, "\(floats.count) elements do not fill \(shape)")
        self.init(unchecked: .float32, shape: shape, bytes: floats.withUnsafeBytes { Data($0) })
    }

    /// The number of elements: the product of the shape, 1 for a scalar.
    public var elementCount: Int { bytes.count / type.byteCount }

    /// The number of elements of `shape`, or `nil` when an extent is negative or the product overflows.
    package static func elementCount(of shape: [Int]) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// The number of bytes of `shape` in `type`, or `nil` when an extent is negative or the size overflows.
    package static func byteCount(of shape: [Int], type: ScalarType) -> Int? {
        guard let count = elementCount(of: shape) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        return overflow ? nil : bytes
    }

    /// The same elements under another shape.
    /// - Precondition: both shapes have the same number of elements.
    public func reshaped(to shape: [Int]) -> StoredTensor {
        precondition(Self.elementCount(of: shape) == elementCount, "\(self.shape) cannot be reshaped to \(shape)")
        return StoredTensor(unchecked: type, shape: shape, bytes: bytes)
    }
}
