import Foundation
import Testing
import Weights

@Suite struct HostileArchiveTests {
    static let pickle = PickleBuilder.dictionary { $0.tensor(count: 16, shape: [16], strides: [1]) }

    @Test func checksumIsThatOfZip() {
        #expect(Checksum.crc32(Data("123456789".utf8)) == 0xCBF4_3926)
        #expect(Checksum.crc32(Data("56789".utf8), after: Checksum.crc32(Data("1234".utf8))) == 0xCBF4_3926)
        #expect(Checksum.crc32(Data()) == 0)
    }

    @Test(arguments: [TorchGoldens.zip, TorchGoldens.legacy]) func everyTruncationIsRefused(golden: Data) {
        for count in 0..<golden.count {
            #expect(throws: WeightError.self, "\(count) bytes") { try load(golden.prefix(count)) }
        }
    }

    /// Replaces `old` by `new` wherever it occurs.
    private func replacing(_ old: String, by new: String, in data: Data) -> Data {
        precondition(old.utf8.count == new.utf8.count)
        var data = data
        var start = data.startIndex
        while let found = data.range(of: Data(old.utf8), in: start..<data.endIndex) {
            data.replaceSubrange(found, with: Data(new.utf8))
            start = found.upperBound
        }
        return data
    }

    @Test func namesThatLeaveTheArchiveAreRefused() throws {
        let archive = try PickleBuilder.archive(Self.pickle, extra: [("some/name", Data())])
        for name in ["a/../../name", "/a/some/nam", "a\\some\\name", "a/s\0me/name"].map({ $0.prefix(11) }) where name.utf8.count == 11 {
            let changed = replacing("a/some/name", by: String(name), in: archive)
            #expect(changed != archive)
            #expect(throws: WeightError.self, "\(name)") { try load(changed) }
        }
        #expect(throws: Never.self) { try load(archive) }
        #expect(throws: WeightError.self) { try load(replacing("a/some/name", by: "a/../../bcd", in: archive)) }
    }

    @Test func aDamagedStorageIsFound() throws {
        var archive = try PickleBuilder.archive(Self.pickle, storages: [Data(repeating: 0xAB, count: 64)])
        let position = try #require(archive.range(of: Data(repeating: 0xAB, count: 64))?.lowerBound)
        archive[position + 40] ^= 1
        #expect { try load(archive) } throws: { "\($0)".contains("checksum") }
    }

    @Test func compressedAndEncryptedEntriesAreNamed() throws {
        let archive = try PickleBuilder.archive(Self.pickle)
        let directory = try #require(archive.range(of: PickleBuilder.bytes(0x0201_4B50 as UInt32))?.lowerBound)
        var compressed = archive
        compressed[directory + 10] = 8
        #expect { try load(compressed) } throws: { "\($0)".contains("compressed archive entry “a/data.pkl”") }
        var encrypted = archive
        encrypted[directory + 8] |= 1
        #expect { try load(encrypted) } throws: { "\($0)".contains("encrypted archive entry “a/data.pkl”") }
    }

    /// Every byte of the two headers and of the end record, set to values that lie.
    @Test func offsetsAndSizesThatLieNeverCrash() throws {
        let archive = try PickleBuilder.archive(Self.pickle)
        let directory = try #require(archive.range(of: PickleBuilder.bytes(0x0201_4B50 as UInt32))?.lowerBound)
        for position in Array(directory..<archive.count) + Array(0..<40) {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] where archive[position] != value {
                var changed = archive
                changed[position] = value
                if let state = try? load(changed).state { #expect(state["w"]?.elementCount == 16) }
            }
        }
    }

    @Test func anArchiveWithoutAPickleIsNoWeightFile() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "x.zip")
        var zip = try ZipWriter(url)
        try zip.add("word/document.xml", Data("<a/>".utf8))
        try zip.commit()
        #expect { try WeightFile.read(url) } throws: { "\($0)".contains("without “data.pkl”") && "\($0)".contains("x.zip") }
    }

    @Test func manyEntriesUseTheWideDirectory() throws {
        let extra = (0..<66_000).map { ("x/\($0)", Data()) }
        let archive = try PickleBuilder.archive(Self.pickle, extra: extra)
        #expect(archive.range(of: PickleBuilder.bytes(0x0606_4B50 as UInt32)) != nil)
        #expect(try load(archive).state.names == ["w"])
    }

    @Test(arguments: [
        ("an empty file", Data()), ("text", Data("hello, world\n".utf8)), ("gzip", Data([0x1F, 0x8B, 8, 0, 0, 0])),
        ("unknown binary data", Data([1, 2, 3, 4, 5, 6, 7, 8, 9])), ("a Python pickle", Data([0x80, 4, 0x4E, 0x2E])),
        ("a NIfTI volume", Data([0x5C, 1, 0, 0]) + Data(count: 344)),
    ])
    func otherFilesAreNamed(name: String, bytes: Data) throws {
        let folder = try TemporaryFolder()
        let url = try folder.file("model.pt", bytes)
        for action in [{ _ = try WeightFile.kind(of: url) }, { _ = try WeightFile.read(url) }] {
            #expect { try action() } throws: { "\($0)".contains(name) && "\($0)".contains("model.pt") }
        }
    }

    /// Some thousand deterministic mutations of each kind of file: whatever comes, an error or a state, but no crash.
    @Test(arguments: [
        TorchGoldens.zip, TorchGoldens.legacy, SafetensorsTests.bytes(SafetensorsTests.wrap(SafetensorsTests.entry("a", 0, 4)), data: Data(count: 4)),
    ])
    func mutationsNeverCrash(seed: Data) {
        var generator = SeededGenerator(state: UInt64(seed.count))
        for round in 0..<3_000 {
            var bytes = Fuzzing.mutated(seed, using: &generator)
            if round % 2 == 0 { Fuzzing.repairChecksums(&bytes) }
            if let state = try? load(bytes).state { #expect(state.byteCount < 100 << 20) }
        }
    }
}

/// Mutations of files.
enum Fuzzing {
    /// Some bytes changed, removed, repeated or swapped for interesting ones.
    static func mutated(_ seed: Data, using generator: inout SeededGenerator) -> Data {
        var bytes = [UInt8](seed)
        let interesting: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x28, 0x2E, 0x52, 0x62, 0x65, 0x68, 0x71, 0x73, 0x74, 0x75, 0x81, 0x93, 0x5D, 0x7D, 0x30]
        for _ in 0..<Int.random(in: 1...4, using: &generator) where bytes.count > 8 {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[position] = interesting.randomElement(using: &generator)!
            case 2: bytes[position] = .random(in: 0...255, using: &generator)
            case 3: bytes.remove(at: position)
            case 4: bytes.insert(contentsOf: bytes[position..<min(position + Int.random(in: 1...16, using: &generator), bytes.count)], at: position)
            default:
                for offset in 0..<min(8, bytes.count - position) { bytes[position + offset] = interesting[Int.random(in: 0..<5, using: &generator)] }
            }
        }
        return Data(bytes)
    }

    /// Makes the checksums of a ZIP's directory right again where its entries can be found, so that mutations reach what lies behind them.
    static func repairChecksums(_ bytes: inout Data) {
        guard let archive = try? ZipArchive(FileBytes(copying: bytes)) else { return }
        for entry in archive.entries where entry.headerOffset + 30 < bytes.count {
            let names = (
                Int(bytes[entry.headerOffset + 26]) + Int(bytes[entry.headerOffset + 27]) << 8,
                Int(bytes[entry.headerOffset + 28]) + Int(bytes[entry.headerOffset + 29]) << 8
            )
            let start = entry.headerOffset + 30 + names.0 + names.1
            guard start <= bytes.count, entry.size <= bytes.count - start else { continue }
            let checksum = PickleBuilder.bytes(Checksum.crc32(bytes[start..<start + entry.size]))
            var search = bytes.startIndex
            while let found = bytes.range(of: PickleBuilder.bytes(0x0201_4B50 as UInt32), in: search..<bytes.endIndex) {
                search = found.upperBound
                let place = found.lowerBound
                guard place + 46 <= bytes.count, bytes[place + 42..<place + 46] == PickleBuilder.bytes(UInt32(truncatingIfNeeded: entry.headerOffset))
                else { continue }
                bytes.replaceSubrange(place + 16..<place + 20, with: checksum)
            }
        }
    }
}
