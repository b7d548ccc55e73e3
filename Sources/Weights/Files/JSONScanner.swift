import Foundation

/// A strict JSON reader (RFC 8259) for headers that may be hostile: it refuses duplicate member names, deep nesting, invalid UTF-8, and
/// anything after the value but white space. It exists because the system's reader loses the order of members and accepts duplicates.
package struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0
    private let format: String
    private static let maximumDepth = 32

    /// Reads the one value in `data`.
    /// - Parameter format: names the kind of file in error messages.
    /// - Throws: `WeightError` with the byte position of the first violation.
    package static func value(of data: Data, format: String) throws(WeightError) -> JSONValue {
        var scanner = JSONScanner(bytes: [UInt8](data), format: format)
        guard String(validating: scanner.bytes, as: UTF8.self) != nil else {
            throw .malformed(format, "the header", "it is not valid UTF-8")
        }
        let value = try scanner.value(depth: 0)
        scanner.skipWhiteSpace()
        guard scanner.position == scanner.bytes.count else { throw scanner.failure("unexpected text after the end") }
        return value
    }

    private init(bytes: [UInt8], format: String) {
        self.bytes = bytes
        self.format = format
    }

    private func failure(_ reason: String) -> WeightError { .malformed(format, "byte \(position) of the JSON header", reason) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(WeightError) {
        guard take(character) else { throw failure("expected “\(character)”") }
    }

    private mutating func value(depth: Int) throws(WeightError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw failure("nested more than \(Self.maximumDepth) levels deep") }
        skipWhiteSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(WeightError) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard next == text.utf8Start[index] else { throw failure("expected “\(text)”") }
            position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(WeightError) -> JSONValue {
        try expect("{")
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipWhiteSpace()
        if take("}") { return .object([]) }
        while true {
            skipWhiteSpace()
            let name = try string()
            guard names.insert(name).inserted else { throw WeightError(.duplicateName(name: name, reason: "in the \(format) header")) }
            skipWhiteSpace()
            try expect(":")
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
            skipWhiteSpace()
            if take("}") { return .object(members) }
            try expect(",")
        }
    }

    private mutating func array(depth: Int) throws(WeightError) -> JSONValue {
        try expect("[")
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if take("]") { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipWhiteSpace()
            if take("]") { return .array(elements) }
            try expect(",")
        }
    }

    private mutating func number() throws(WeightError) -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { guard digits() > 0 else { throw failure("expected a value") } }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard digits() > 0 else { throw failure("expected a digit") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { throw failure("expected a digit") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw failure("the number \(text) cannot be represented") }
        return .double(double)
    }

    /// Skips decimal digits; returns how many.
    private mutating func digits() -> Int {
        let start = position
        while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
        return position - start
    }

    private mutating func string() throws(WeightError) -> String {
        try expect("\"")
        var units: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw failure("control character in a string")
            default: units.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escape() throws(WeightError) -> Unicode.Scalar {
        guard let byte = next else { throw failure("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("unknown escape sequence")
        }
    }

    private mutating func unicodeEscape() throws(WeightError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw failure("half of a surrogate pair") }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
            throw failure("half of a surrogate pair")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(WeightError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw failure("expected four hexadecimal digits") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { throw failure("expected four hexadecimal digits") }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
