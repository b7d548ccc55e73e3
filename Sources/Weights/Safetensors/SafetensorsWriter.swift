import Foundation

/// Writes safetensors files, atomically, with the header padded so that the data starts at a multiple of 8 bytes.
///
/// The header lists the tensors in the dictionary's order; their bytes lie in order of falling element size, so that every tensor is
/// aligned to its elements. The same dictionary always gives the same bytes.
package enum SafetensorsWriter {
    /// Writes `state` to `url`, replacing what is there.
    /// - Throws: `WeightError` when the file cannot be written, or a tensor is called `__metadata__`.
    package static func write(_ state: StateDictionary, to url: URL) throws(WeightError) {
        let header = try header(of: state)
        let file = try AtomicFile(url)
        var length = UInt64(header.count).littleEndian
        try file.write(Data(bytes: &length, count: 8))
        try file.write(header)
        for (_, tensor) in layout(state) { try file.write(tensor.bytes) }
        try file.commit()
    }

    /// The entries in the order of their bytes in the file: wider elements first, otherwise as in the dictionary.
    private static func layout(_ state: StateDictionary) -> [(name: String, tensor: StoredTensor)] {
        [8, 4, 2, 1].flatMap { width in state.entries.filter { $0.tensor.type.byteCount == width } }
    }

    private static func header(of state: StateDictionary) throws(WeightError) -> Data {
        if state["__metadata__"] != nil {
            throw WeightError(.unsupported(what: "a tensor called “__metadata__”", advice: "safetensors reserves that name: rename the tensor"))
        }
        var offsets: [String: Int] = [:]
        var offset = 0
        for (name, tensor) in layout(state) {
            offsets[name] = offset
            offset += tensor.bytes.count
        }
        var members: [String] = []
        if !state.metadata.isEmpty {
            let entries = state.metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
        }
        for (name, tensor) in state.entries {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let start = offsets[name]!
            members.append(
                "\(quoted(name)):{\"dtype\":\"\(tensor.type.safetensorsName)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(start),\(start + tensor.bytes.count)]}")
        }
        var header = Data("{\(members.joined(separator: ","))}".utf8)
        header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
        guard header.count <= SafetensorsReader.maximumHeaderLength else {
            throw WeightError(
                .limitExceeded(what: "the safetensors header length", found: header.count, limit: SafetensorsReader.maximumHeaderLength))
        }
        return header
    }

    /// `text` as a JSON string.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
