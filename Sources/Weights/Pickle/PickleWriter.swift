import Foundation

/// Writes the pickle (protocol 2) of a state dictionary as PyTorch does, with tensors referring to storages by number.
struct PickleWriter {
    private(set) var data = Data([PickleOpcode.version.rawValue, 2])

    /// The pickle of `state`, bare or as the entry called `entry` of a dictionary that also holds the metadata.
    static func pickle(_ state: StateDictionary, entry: String?) -> Data {
        var writer = PickleWriter()
        if let entry {
            writer.emit(.emptyDictionary)
            writer.write(entry)
            writer.write(state)
            writer.emit(.setItem)
            if !state.metadata.isEmpty {
                writer.write(PickleWriter.metadataEntry)
                writer.write(state.metadata)
                writer.emit(.setItem)
            }
        } else {
            writer.write(state)
        }
        writer.emit(.stop)
        return writer.data
    }

    /// The top-level entry that carries text metadata.
    static let metadataEntry = "metadata"

    private mutating func emit(_ opcode: PickleOpcode) { data.append(opcode.rawValue) }

    private mutating func write(global module: String, _ name: String) {
        emit(.global)
        data.append(contentsOf: "\(module)\n\(name)\n".utf8)
    }

    private mutating func write(_ text: String) {
        emit(.text)
        withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: text.utf8)
    }

    private mutating func write(_ integer: Int) {
        if let narrow = Int32(exactly: integer) {
            emit(.binaryInteger)
            withUnsafeBytes(of: narrow.littleEndian) { data.append(contentsOf: $0) }
        } else {
            emit(.long1)
            data.append(8)
            withUnsafeBytes(of: integer.littleEndian) { data.append(contentsOf: $0) }
        }
    }

    private mutating func write(tuple integers: [Int]) {
        emit(.mark)
        for integer in integers { write(integer) }
        emit(.tuple)
    }

    private mutating func write(_ metadata: [String: String]) {
        emit(.emptyDictionary)
        for (key, text) in metadata.sorted(by: { $0.key < $1.key }) {
            write(key)
            write(text)
            emit(.setItem)
        }
    }

    private mutating func writeEmptyOrderedDictionary() {
        write(global: "collections", "OrderedDict")
        emit(.emptyTuple)
        emit(.reduce)
    }

    private mutating func write(_ state: StateDictionary) {
        writeEmptyOrderedDictionary()
        for (index, entry) in state.entries.enumerated() {
            write(entry.name)
            write(entry.tensor, storage: index)
            emit(.setItem)
        }
    }

    private mutating func write(_ tensor: StoredTensor, storage: Int) {
        var strides = [Int](repeating: 1, count: tensor.shape.count)
        for axis in tensor.shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(tensor.shape[axis + 1], 1) }
        write(global: "torch._utils", "_rebuild_tensor_v2")
        emit(.mark)
        emit(.mark)
        write("storage")
        write(global: "torch", PickleGlobal.storageName(tensor.type))
        write(String(storage))
        write("cpu")
        write(tensor.elementCount)
        emit(.tuple)
        emit(.persistentIdentifier)
        write(0)
        write(tuple: tensor.shape)
        write(tuple: strides)
        emit(.newFalse)
        writeEmptyOrderedDictionary()
        emit(.tuple)
        emit(.reduce)
    }
}
