import Foundation

/// Reading from the byte stream, never past its end.
extension Unpickler {
    func failure(_ reason: String) -> WeightError { .malformed(Self.format, "byte \(position)", reason) }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>() throws(WeightError) -> Value {
        guard end - position >= MemoryLayout<Value>.size, let value: Value = file.integer(at: position) else { throw failure("it ends too soon") }
        position += MemoryLayout<Value>.size
        return value
    }

    func length(_ value: some BinaryInteger) throws(WeightError) -> Int {
        guard let length = Int(exactly: value), length >= 0 else { throw failure("a length of \(value)") }
        return length
    }

    mutating func take(_ count: Int) throws(WeightError) -> Data {
        guard count <= end - position else { throw failure("a value of \(count) bytes passes the end") }
        defer { position += count }
        return Data(file.data(position..<position + count))
    }

    mutating func text(_ count: Int) throws(WeightError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else { throw failure("a text that is not valid UTF-8") }
        return text
    }

    /// A Python 2 string: text when it is UTF-8.
    mutating func byteString(_ count: Int) throws(WeightError) -> PickleValue {
        let bytes = try take(count)
        return String(validating: bytes, as: UTF8.self).map(PickleValue.string) ?? .bytes(bytes)
    }

    mutating func line() throws(WeightError) -> String {
        let start = position
        while position < end, file[position] != 0x0A, position - start < 1000 { position += 1 }
        guard position < end, file[position] == 0x0A else { throw failure("a name without an end") }
        defer { position += 1 }
        guard let line = String(validating: file.data(start..<position), as: UTF8.self) else { throw failure("a name that is not valid UTF-8") }
        return line
    }

    mutating func wideInteger(_ count: Int) throws(WeightError) -> PickleValue {
        let bytes = try take(count)
        guard count <= 8 else { return .wideInteger(bytes) }
        let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
        var value: UInt64 = isNegative ? .max : 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(Int64(bitPattern: value)))
    }
}
