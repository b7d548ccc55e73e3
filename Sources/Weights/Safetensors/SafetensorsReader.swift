import Foundation

/// Reads safetensors files: eight bytes of header length, a JSON header, then the tensors' bytes.
///
/// The rules are those of the reference implementation (huggingface/safetensors 0.5): tensors cover the data section without overlap or
/// gap, sizes agree with shape and type, and names are unique. Bytes are mapped, not copied.
package enum SafetensorsReader {
    /// The largest header accepted, in bytes: room for 100 000 tensors (the reference implementation stops at 100 000 000).
    package static let maximumHeaderLength = 25_000_000
    private static let format = "safetensors"

    /// The tensors, in header order, and the metadata.
    /// - Throws: `WeightError` on the first violation of the format.
    package static func read(_ file: FileBytes) throws(WeightError) -> StateDictionary {
        guard let length = file.integer(UInt64.self, at: 0) else {
            throw .malformed(format, "the header length", "the file has \(file.count) bytes, less than 8")
        }
        guard length <= UInt64(maximumHeaderLength) else {
            throw WeightError(.limitExceeded(what: "the safetensors header length", found: Int(clamping: length), limit: maximumHeaderLength))
        }
        let start = 8 + Int(length)
        guard start <= file.count else {
            throw .malformed(format, "the header length", "it says \(length) bytes, the file has \(file.count - 8) after it")
        }
        guard length >= 2, file[8] == UInt8(ascii: "{") else { throw .malformed(format, "the header", "it does not begin with “{”") }
        let header = try JSONScanner.value(of: file.data(8..<start), format: format)
        return try state(header.members ?? [], file: file, dataStart: start)
    }

    /// Whether the file begins like a safetensors file.
    package static func recognizes(_ file: FileBytes) -> Bool {
        guard let length = file.integer(UInt64.self, at: 0), length >= 2, length <= UInt64(maximumHeaderLength), file.count > 8 else { return false }
        return file[8] == UInt8(ascii: "{")
    }

    private static func state(_ members: [JSONValue.Member], file: FileBytes, dataStart: Int) throws(WeightError) -> StateDictionary {
        var state = StateDictionary()
        var ranges: [(name: String, range: Range<Int>)] = []
        for member in members {
            if member.name == "__metadata__" {
                state.metadata = try metadata(member.value)
                continue
            }
            let entry = try Entry(member, dataLength: file.count - dataStart)
            ranges.append((member.name, entry.range))
            let bytes = file.data(entry.range.lowerBound + dataStart..<entry.range.upperBound + dataStart)
            state[member.name] = StoredTensor(unchecked: entry.type, shape: entry.shape, bytes: bytes)
        }
        try checkCoverage(&ranges, length: file.count - dataStart)
        return state
    }

    private static func metadata(_ value: JSONValue) throws(WeightError) -> [String: String] {
        guard let members = value.members else { throw .malformed(format, "“__metadata__”", "it is not an object") }
        var metadata: [String: String] = [:]
        for member in members {
            guard let text = member.value.text else { throw .malformed(format, "“__metadata__”", "“\(member.name)” is not a string") }
            metadata[member.name] = text
        }
        return metadata
    }

    /// Refuses overlaps, gaps and bytes that belong to no tensor.
    private static func checkCoverage(_ ranges: inout [(name: String, range: Range<Int>)], length: Int) throws(WeightError) {
        ranges.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        var end = 0
        for (name, range) in ranges {
            guard range.lowerBound == end else {
                let what = range.lowerBound < end ? "overlaps the tensor before it" : "leaves a gap after the tensor before it"
                throw .malformed(format, "“\(name)”", "its data \(what): it starts at byte \(range.lowerBound), expected \(end)")
            }
            end = range.upperBound
        }
        guard end == length else { throw .malformed(format, "the data", "\(length) bytes are present, the header describes \(end)") }
    }

    /// One tensor's entry in the header.
    private struct Entry {
        var type: ScalarType
        var shape: [Int]
        var range: Range<Int>

        init(_ member: JSONValue.Member, dataLength: Int) throws(WeightError) {
            let place = "“\(member.name)”"
            guard let typeName = member.value["dtype"]?.text else { throw .malformed(format, place, "“dtype” is missing or not a string") }
            guard let type = ScalarType(safetensorsName: typeName) else {
                throw WeightError(.unsupported(what: "the element type \(typeName) of \(place)", advice: "convert the tensor to F32, F16 or BF16"))
            }
            let shape = member.value["shape"]?.elements?.compactMap(\.integer)
            guard let shape, shape.count == member.value["shape"]?.elements?.count, let size = StoredTensor.byteCount(of: shape, type: type) else {
                throw .malformed(format, place, "“shape” is not a list of sizes of representable product")
            }
            let offsets = member.value["data_offsets"]?.elements?.compactMap(\.integer)
            guard let offsets, offsets.count == 2, member.value["data_offsets"]?.elements?.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1]
            else {
                throw .malformed(format, place, "“data_offsets” is not a pair of increasing numbers")
            }
            guard offsets[1] <= dataLength else {
                throw .malformed(format, place, "its data ends at byte \(offsets[1]), the file has \(dataLength) bytes of data")
            }
            guard offsets[1] - offsets[0] == size else {
                throw .malformed(format, place, "\(typeName) \(shape) takes \(size) bytes, the offsets span \(offsets[1] - offsets[0])")
            }
            (self.type, self.shape, range) = (type, shape, offsets[0]..<offsets[1])
        }
    }
}
