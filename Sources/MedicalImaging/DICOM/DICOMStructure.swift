import Foundation

/// Walks the elements of a DICOM file (PS3.5 §7, PS3.10 §7) to see that it is whole: GDCM ends the process on some files that are cut short, so
/// nothing is given to it that was not looked through here.
struct DICOMStructure {
    /// What is wrong, for a message.
    struct Fault: Error, Equatable {
        var reason: String

        /// A sound file of another kind: a report, a plan.
        static let noImage = Fault(reason: "it holds no image")
    }

    private let bytes: UnsafeRawBufferPointer
    private var syntax = ""
    private var hasPixels = false
    /// Values of the unsigned 16-bit elements (0028,xxxx) that say how many voxels there are.
    private var shape: [UInt16: Int] = [:]

    /// How the data set is encoded.
    private struct Encoding {
        var isExplicit: Bool
        var isBigEndian: Bool
    }

    /// - Throws: what is wrong with the file.
    static func check(_ file: Data) throws(Fault) {
        let outcome = file.withUnsafeBytes { bytes -> Fault? in
            var structure = DICOMStructure(bytes: bytes)
            do throws(Fault) { try structure.walkFile() } catch { return error }
            return nil
        }
        if let outcome { throw outcome }
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func walkFile() throws(Fault) {
        guard bytes.count > 132, bytes[128..<132].elementsEqual("DICM".utf8) else { throw Fault(reason: "it has no DICOM preamble") }
        var offset = 132
        let plain = Encoding(isExplicit: true, isBigEndian: false)
        while offset + 2 <= bytes.count, number(offset, UInt16.self, plain) == 2 { offset = try walkElement(offset, bytes.count, plain, 0) }
        guard !syntax.isEmpty else { throw Fault(reason: "it names no transfer syntax") }
        guard syntax != "1.2.840.10008.1.2.1.99" else { throw Fault(reason: "its elements are deflated as a whole, which is not read") }
        let encoding = Encoding(isExplicit: syntax != "1.2.840.10008.1.2", isBigEndian: syntax == "1.2.840.10008.1.2.2")
        while offset < bytes.count { offset = try walkElement(offset, bytes.count, encoding, 0) }
        guard hasPixels else { throw .noImage }
        try checkFormat()
    }

    private static let undefined = Int(UInt32.max)
    private static let longTypes: Set<String> = ["OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UN", "UR", "UT", "SV", "UV"]

    /// Checks the element at `offset` and returns where the next one starts.
    private mutating func walkElement(_ start: Int, _ end: Int, _ encoding: Encoding, _ depth: Int) throws(Fault) -> Int {
        guard start + 8 <= end else { throw cut(start) }
        let group = number(start, UInt16.self, encoding)
        let element = number(start + 2, UInt16.self, encoding)
        var offset = start + 8
        var type = ""
        var length: Int
        if encoding.isExplicit {
            guard bytes[start + 4..<start + 6].allSatisfy({ (65...90).contains($0) }) else {
                throw Fault(reason: "byte \(start + 4) should name a value's type")
            }
            type = String(decoding: bytes[start + 4..<start + 6], as: UTF8.self)
            length = Int(number(start + 6, UInt16.self, encoding))
            if Self.longTypes.contains(type) {
                guard start + 12 <= end else { throw cut(start) }
                length = Int(number(start + 8, UInt32.self, encoding))
                offset = start + 12
            }
        } else {
            length = Int(number(start + 4, UInt32.self, encoding))
        }
        if length == Self.undefined {
            let inner = type == "UN" ? Encoding(isExplicit: false, isBigEndian: false) : encoding
            if group == 0x7FE0, element == 0x0010 { hasPixels = true }
            return try walkItems(offset, end, inner, depth + 1, isPixels: group == 0x7FE0)
        }
        guard length <= end - offset else { throw cut(start) }
        if type == "SQ", length > 0 { _ = try walkItems(offset, offset + length, encoding, depth + 1, isPixels: false) }
        if depth == 0 { try note(group, element, offset, length, encoding) }
        return offset + length
    }

    /// Checks the items of a sequence, or the fragments of compressed pixels, and returns where they end.
    private mutating func walkItems(_ start: Int, _ end: Int, _ encoding: Encoding, _ depth: Int, isPixels: Bool) throws(Fault) -> Int {
        guard depth < 32 else { throw Fault(reason: "its sequences are nested more than 32 deep") }
        var offset = start
        while offset < end {
            guard offset + 8 <= end else { throw cut(offset) }
            let tag = (number(offset, UInt16.self, encoding), number(offset + 2, UInt16.self, encoding))
            let length = Int(number(offset + 4, UInt32.self, encoding))
            offset += 8
            if tag == (0xFFFE, 0xE0DD) { return offset }
            guard tag == (0xFFFE, 0xE000) else { throw Fault(reason: "byte \(offset - 8) should start an item of a sequence") }
            if length == Self.undefined {
                guard !isPixels else { throw Fault(reason: "a fragment of its pixels has no length") }
                while true {
                    guard offset + 8 <= end else { throw cut(offset) }
                    if number(offset, UInt16.self, encoding) == 0xFFFE, number(offset + 2, UInt16.self, encoding) == 0xE00D { break }
                    offset = try walkElement(offset, end, encoding, depth)
                }
                offset += 8
            } else {
                guard length <= end - offset else { throw cut(offset) }
                let itemEnd = offset + length
                while !isPixels, offset < itemEnd { offset = try walkElement(offset, itemEnd, encoding, depth) }
                offset = itemEnd
            }
        }
        return offset
    }

    /// Remembers what the check of the pixels needs, and checks them.
    private mutating func note(_ group: UInt16, _ element: UInt16, _ offset: Int, _ length: Int, _ encoding: Encoding) throws(Fault) {
        switch (group, element) {
        case (0x0002, 0x0010):
            syntax = String(decoding: bytes[offset..<offset + length], as: UTF8.self).trimmingCharacters(in: CharacterSet(charactersIn: "\0 "))
        case (0x0028, 0x0002), (0x0028, 0x0010), (0x0028, 0x0011), (0x0028, 0x0100), (0x0028, 0x0101), (0x0028, 0x0102), (0x0028, 0x0103):
            guard length == 2 else { throw Fault(reason: "its number of rows, columns, bits or samples has \(length) bytes, expected 2") }
            shape[element] = Int(number(offset, UInt16.self, encoding))
        case (0x7FE0, 0x0010):
            hasPixels = true
            try checkPixels(length)
        default: break
        }
    }

    /// Checks that the numbers that describe a voxel go together and that `length` bytes hold all voxels.
    private func checkPixels(_ length: Int) throws(Fault) {
        try checkFormat()
        let expected = shape[0x0010, default: 0] * shape[0x0011, default: 0] * shape[0x0002, default: 1] * shape[0x0100, default: 0] / 8
        guard expected > 0 else { throw Fault(reason: "its header claims no voxels") }
        guard length >= expected else { throw Fault(reason: "its pixels have \(length) bytes, expected \(expected) or more") }
    }

    private func checkFormat() throws(Fault) {
        let allocated = shape[0x0100, default: 0]
        let stored = shape[0x0101, default: allocated]
        let isSound =
            (1...4).contains(shape[0x0002, default: 1]) && [1, 8, 12, 16, 32, 64].contains(allocated) && (1...allocated).contains(stored)
            && (0..<allocated).contains(shape[0x0102, default: stored - 1]) && shape[0x0103, default: 0] <= 1
        guard isSound else {
            throw Fault(reason: "its header describes no possible voxel: \(allocated) bits, \(stored) used, \(shape[0x0002, default: 1]) samples")
        }
    }

    private func cut(_ offset: Int) -> Fault { Fault(reason: "it ends within the element at byte \(offset); copy the file again") }

    private func number<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type, _ encoding: Encoding) -> Value {
        let stored = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        return encoding.isBigEndian ? Value(bigEndian: stored) : Value(littleEndian: stored)
    }
}
