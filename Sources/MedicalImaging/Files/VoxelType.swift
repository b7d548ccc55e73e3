/// How a file stores one voxel.
public enum VoxelType: String, Sendable, CaseIterable {
    case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

    /// Bytes per voxel.
    public var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }

    /// Whether every value is an integer.
    public var isInteger: Bool { self != .float32 && self != .float64 }
}

/// A scalar as it lies in a file.
package protocol StoredScalar: BitwiseCopyable, Comparable, SendableMetatype {
    /// The value with its bytes in the other order.
    var reversed: Self { get }
    var float: Float { get }
    var double: Double { get }
}

extension FixedWidthInteger where Self: StoredScalar {
    package var reversed: Self { byteSwapped }
    package var float: Float { Float(self) }
    package var double: Double { Double(self) }
}

extension UInt8: StoredScalar {}
extension Int8: StoredScalar {}
extension UInt16: StoredScalar {}
extension Int16: StoredScalar {}
extension UInt32: StoredScalar {}
extension Int32: StoredScalar {}
extension UInt64: StoredScalar {}
extension Int64: StoredScalar {}

extension Float: StoredScalar {
    package var reversed: Float { Float(bitPattern: bitPattern.byteSwapped) }
    package var float: Float { self }
    package var double: Double { Double(self) }
}

extension Double: StoredScalar {
    package var reversed: Double { Double(bitPattern: bitPattern.byteSwapped) }
    package var float: Float { Float(self) }
    package var double: Double { self }
}
