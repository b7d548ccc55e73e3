import Foundation

/// A protocol-buffers message under construction: the wire types that event files need.
struct ProtobufMessage {
    private(set) var bytes = Data()

    /// An integer as a varint; a negative one takes ten bytes.
    mutating func append(_ field: Int, integer: Int) {
        append(varint: UInt64(field) << 3)
        append(varint: UInt64(bitPattern: Int64(integer)))
    }

    /// A `double`, eight bytes, least significant first.
    mutating func append(_ field: Int, double: Double) {
        append(varint: UInt64(field) << 3 | 1)
        bytes.append(littleEndian: double.bitPattern)
    }

    /// A `float`, four bytes, least significant first.
    mutating func append(_ field: Int, float: Float) {
        append(varint: UInt64(field) << 3 | 5)
        bytes.append(littleEndian: float.bitPattern)
    }

    mutating func append(_ field: Int, data: Data) {
        append(varint: UInt64(field) << 3 | 2)
        append(varint: UInt64(data.count))
        bytes += data
    }

    mutating func append(_ field: Int, text: String) { append(field, data: Data(text.utf8)) }

    /// A message inside the message.
    mutating func append(_ field: Int, _ build: (inout ProtobufMessage) -> Void) {
        var inner = ProtobufMessage()
        build(&inner)
        append(field, data: inner.bytes)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension Data {
    /// Adds an integer, least significant byte first.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
