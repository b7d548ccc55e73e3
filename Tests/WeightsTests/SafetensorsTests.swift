import Foundation
import Testing
import Weights

@Suite struct SafetensorsTests {
    /// The bytes of a safetensors file with the given header text and data.
    static func bytes(_ header: String, data: Data = Data(), length: UInt64? = nil) -> Data {
        var count = (length ?? UInt64(header.utf8.count)).littleEndian
        return Data(bytes: &count, count: 8) + Data(header.utf8) + data
    }

    static func read(_ bytes: Data) throws -> StateDictionary { try SafetensorsReader.read(FileBytes(copying: bytes)) }

    static var sample: StateDictionary {
        get throws {
            try StateDictionary(
                [
                    ("b.weight", StoredTensor(floats: [1, -2, 3.5, 0], shape: [2, 2])),
                    ("flags", StoredTensor(type: .bool, shape: [3], bytes: Data([1, 0, 1]))),
                    ("a \"quoted\"\n名", StoredTensor(type: .float64, shape: [], bytes: Data(repeating: 0, count: 8))),
                    ("empty", StoredTensor(floats: [], shape: [0, 5])),
                    ("half", StoredTensor(floats: [0.5], shape: [1]).converted(to: .float16)),
                ], metadata: ["format": "viscera/1", "card": "line\nline \u{1}", "ключ": "значение"])
        }
    }

    @Test func writingThenReadingIsTheIdentity() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.safetensors")
        try WeightFile.writeSafetensors(Self.sample, to: url)
        let read = try WeightFile.readSafetensors(url)
        #expect(try read == Self.sample)
        #expect(try read.names == Self.sample.names)
        let bytes = try Data(contentsOf: url)
        #expect(bytes[0..<8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } % 8 == 0)
        #expect(try folder.contents == ["model.safetensors"])
    }

    @Test func aFailedWriteLeavesTheOldFileAndNoOther() throws {
        let folder = try TemporaryFolder()
        let url = try folder.file("model.safetensors", Data([1, 2, 3]))
        do {
            let file = try AtomicFile(url)
            try file.write(Data(count: 100))
            #expect(try folder.contents.count == 2)
        }
        #expect(try folder.contents == ["model.safetensors"])
        #expect(try Data(contentsOf: url) == Data([1, 2, 3]))
        #expect(throws: WeightError.self) {
            try WeightFile.writeSafetensors(Self.sample, to: folder.url.appending(path: "no/such/folder.safetensors"))
        }
    }

    @Test func aTensorOutlivesItsFileAndCanBeChangedInMemory() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "m.safetensors")
        try WeightFile.writeSafetensors(Self.sample, to: url)
        var bytes = try WeightFile.readSafetensors(url).tensor("b.weight").bytes
        try FileManager.default.removeItem(at: url)
        bytes[0] = 9
        #expect(bytes.count == 16 && bytes[0] == 9 && bytes[3] == 0x3F)
    }

    /// Written by the Python package: save({"x": np.float32([[1,2,3]]), "y": np.int64(7)}, metadata={"k":"v"}).
    @Test func readsAFileOfTheReferenceImplementation() throws {
        let header =
            #"{"__metadata__":{"k":"v"},"y":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]}}"#
        let data = Data([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40])
        let state = try Self.read(Self.bytes(header + "  ", data: data))
        #expect(state.metadata == ["k": "v"])
        #expect(try state.tensor("x").floats() == [1, 2, 3])
        #expect(try state.tensor("y").floats() == [7])
    }

    static let hostile: [(String, Data)] = [
        ("empty", Data()),
        ("seven bytes", Data(count: 7)),
        ("length beyond the end", bytes("{}", length: 3)),
        ("length of 2⁶⁴−1", bytes("{}", length: .max)),
        ("length of 2⁶³", bytes("{}", length: 1 << 63)),
        ("length zero", bytes("", length: 0)),
        ("huge length", bytes("{}", length: 90_000_000)),
        ("no object", bytes("[]")),
        ("text after the header", bytes("{} x")),
        ("unterminated", bytes("{\"a\":{\"dtype\":\"F32\"")),
        ("deep nesting", bytes("{\"a\":" + String(repeating: "[", count: 100_000))),
        ("not UTF-8", Data([4, 0, 0, 0, 0, 0, 0, 0]) + Data([0x7B, 0x22, 0xFF, 0x22])),
        ("half a surrogate", bytes(#"{"\ud800":1}"#)),
        ("duplicate", bytes(wrap(entry("a", 0, 4), entry("a", 4, 8)), data: Data(count: 8))),
        ("overlap", bytes(wrap(entry("a", 0, 4), entry("b", 2, 6)), data: Data(count: 6))),
        ("gap", bytes(wrap(entry("a", 0, 4), entry("b", 8, 12)), data: Data(count: 12))),
        ("same bytes twice", bytes(wrap(entry("a", 0, 4), entry("b", 0, 4)), data: Data(count: 4))),
        ("trailing bytes", bytes(wrap(entry("a", 0, 4)), data: Data(count: 5))),
        ("past the end", bytes(wrap(entry("a", 0, 4)), data: Data(count: 3))),
        ("reversed", bytes(wrap(entry("a", 4, 0)), data: Data(count: 4))),
        ("negative", bytes(wrap(entry("a", -4, 0)), data: Data(count: 4))),
        ("wrong size", bytes(wrap(entry("a", 0, 8)), data: Data(count: 8))),
        ("offset overflow", bytes(wrap(entry("a", 9_223_372_036_854_775_803, 9_223_372_036_854_775_807)), data: Data(count: 4))),
        ("shape overflow", bytes(#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#)),
        ("negative shape", bytes(#"{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#, data: Data(count: 4))),
        ("fractional shape", bytes(#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, data: Data(count: 4))),
        ("unknown type", bytes(#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#, data: Data(count: 4))),
        ("missing type", bytes(#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, data: Data(count: 4))),
        ("three offsets", bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, data: Data(count: 4))),
        ("metadata number", bytes(#"{"__metadata__":{"k":1}}"#)),
        ("metadata list", bytes(#"{"__metadata__":[]}"#)),
    ]

    static func entry(_ name: String, _ start: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(start),\(end)]}"
    }

    static func wrap(_ entries: String...) -> String { "{\(entries.joined(separator: ","))}" }

    @Test(arguments: hostile.indices) func hostileFilesAreRefused(index: Int) {
        let (name, bytes) = Self.hostile[index]
        #expect(throws: WeightError.self, "\(name)") { try Self.read(bytes) }
    }

    @Test func everyTruncationIsRefused() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "m.safetensors")
        try WeightFile.writeSafetensors(Self.sample, to: url)
        let whole = try Data(contentsOf: url)
        for count in 0..<whole.count {
            #expect(throws: WeightError.self, "\(count) bytes") { try Self.read(whole.prefix(count)) }
        }
    }

    @Test func foldersAndMissingFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        #expect { try WeightFile.readSafetensors(folder.url) } throws: { ($0 as? WeightError)?.problem == .notWeights(found: "a folder") }
        let missing = folder.url.appending(path: "none.safetensors")
        #expect { try WeightFile.readSafetensors(missing) } throws: { "\($0)".contains("none.safetensors") }
    }
}
