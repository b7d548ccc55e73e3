import Foundation
import Weights

/// Composes pickles and PyTorch archives, honest or not, for the tests.
struct PickleBuilder {
    var data = Data([0x80, 2])

    /// Appends opcodes.
    func ops(_ bytes: UInt8...) -> PickleBuilder { PickleBuilder(data: data + Data(bytes)) }

    /// Appends text verbatim.
    func raw(_ text: String) -> PickleBuilder { PickleBuilder(data: data + Data(text.utf8)) }

    /// Appends another builder's opcodes.
    func then(_ other: Data) -> PickleBuilder { PickleBuilder(data: data + other) }

    /// Pushes a text.
    func text(_ text: String) -> PickleBuilder { PickleBuilder(data: data + Data([0x58]) + Self.bytes(UInt32(text.utf8.count)) + Data(text.utf8)) }

    /// Pushes an integer of 64 bits.
    func integer(_ value: Int) -> PickleBuilder { PickleBuilder(data: data + Data([0x8A, 8]) + Self.bytes(value)) }

    /// Pushes a tuple of integers.
    func tuple(_ values: [Int]) -> PickleBuilder { values.reduce(ops(0x28)) { $0.integer($1) }.ops(0x74) }

    /// Pushes a global.
    func global(_ module: String, _ name: String) -> PickleBuilder { raw("c\(module)\n\(name)\n") }

    /// Pushes a storage reference.
    func storage(_ key: String, count: Int, type: String = "FloatStorage", tag: String = "storage") -> PickleBuilder {
        ops(0x28).text(tag).global("torch", type).text(key).text("cpu").integer(count).ops(0x74, 0x51)
    }

    /// Pushes a float tensor that views storage `key`.
    func tensor(_ key: String = "0", count: Int, offset: Int = 0, shape: [Int], strides: [Int]) -> PickleBuilder {
        global("torch._utils", "_rebuild_tensor_v2").ops(0x28).storage(key, count: count).integer(offset).tuple(shape).tuple(strides).ops(0x89)
            .global("collections", "OrderedDict").raw(")R").ops(0x74, 0x52)
    }

    /// A pickle of `{"w": tensor}`.
    static func dictionary(_ name: String = "w", _ tensor: (PickleBuilder) -> PickleBuilder) -> Data {
        tensor(PickleBuilder().ops(0x7D).text(name)).ops(0x73, 0x2E).data
    }

    /// A checkpoint archive with this pickle and storages 0, 1, ….
    static func archive(_ pickle: Data, storages: [Data] = [Data(count: 64)], extra: [(String, Data)] = []) throws -> Data {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "a.pt")
        var zip = try ZipWriter(url)
        try zip.add("a/data.pkl", pickle)
        for (index, storage) in storages.enumerated() { try zip.add("a/data/\(index)", storage) }
        for (name, bytes) in extra { try zip.add("a/\(name)", bytes) }
        try zip.commit()
        return try Data(contentsOf: url)
    }

    static func bytes<Value: FixedWidthInteger>(_ value: Value) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
}

/// Reads bytes as a weight file of whatever kind they are.
func load(_ bytes: Data) throws -> LoadedWeights { try WeightFile.weights(FileBytes(copying: bytes)) }
