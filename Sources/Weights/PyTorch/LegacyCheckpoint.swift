import Foundation

/// Checkpoints as `torch.save` wrote them before version 1.6: five pickles (magic number, version, machine, objects, storage keys), then
/// for each key the element count and the bytes.
enum LegacyCheckpoint {
    private static let magic = Data([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19])
    private static let format = "PyTorch (before 1.6)"

    /// Whether the file begins with the pickle of the magic number.
    static func recognizes(_ file: FileBytes) -> Bool {
        file.count > 15 && file[0] == 0x80 && file[2] == PickleOpcode.long1.rawValue && file[3] == 10 && file.data(4..<14) == magic
    }

    /// The weights of the checkpoint.
    /// - Throws: `WeightError` when it is damaged or dishonest, or names a forbidden global.
    static func weights(_ file: FileBytes) throws(WeightError) -> LoadedWeights {
        var position = 0
        let number = try pickle(file, &position)
        guard number.value == .wideInteger(magic) else { throw .malformed(format, "the beginning", "the magic number is wrong") }
        guard try pickle(file, &position).value == .integer(1001) else {
            throw WeightError(.unsupported(what: "this version of the old PyTorch format", advice: "load and save the file with a current PyTorch"))
        }
        let machine = try pickle(file, &position)
        let objects = try pickle(file, &position)
        let keys = try pickle(file, &position)
        let isBigEndian = machine.graph.items(machine.value)?.contains { $0.key == .string("little_endian") && $0.value == .bool(false) } ?? false
        let ranges = try storages(file, at: position, keys: keys, graph: objects.graph, isBigEndian: isBigEndian)
        let source = TensorSource(file: file, graph: objects.graph, isBigEndian: isBigEndian) { key in
            guard let range = ranges[key] else { throw WeightError.malformed(format, "the storage “\(key)”", "it is not in the file") }
            return range
        }
        var entries = CheckpointEntries(source)
        return try entries.weights(objects.value, kind: .legacyTorchCheckpoint)
    }

    private static func pickle(_ file: FileBytes, _ position: inout Int) throws(WeightError) -> Unpickler.Result {
        let result = try Unpickler.read(file, position..<file.count)
        position = result.end
        return result
    }

    /// Where the storages lie, in the order of `keys`.
    private static func storages(
        _ file: FileBytes, at start: Int, keys: Unpickler.Result, graph: PickleGraph, isBigEndian: Bool
    ) throws(WeightError) -> [String: Range<Int>] {
        guard let list = keys.graph.elements(keys.value) else { throw .malformed(format, "the storage keys", "they are no list") }
        let widths = Dictionary(uniqueKeysWithValues: graph.storages.map { ($0.key, $0.type?.byteCount ?? 1) })
        var ranges: [String: Range<Int>] = [:]
        var position = start
        for element in list {
            guard case .string(let key) = element, let width = widths[key], let stored: Int64 = file.integer(at: position) else {
                throw .malformed(format, "the storages", "a key is unknown, or the file ends too soon")
            }
            let count = isBigEndian ? stored.byteSwapped : stored
            let (bytes, overflow) = Int(count).multipliedReportingOverflow(by: width)
            guard count >= 0, !overflow, file.holds(bytes, at: position + 8) else {
                throw .malformed(format, "the storage “\(key)”", "its \(count) elements pass the end of the file")
            }
            guard ranges.updateValue(position + 8..<position + 8 + bytes, forKey: key) == nil else {
                throw WeightError(.duplicateName(name: key, reason: "in the list of storages"))
            }
            position += 8 + bytes
        }
        return ranges
    }
}
