import Datasets
import Foundation

/// What a preprocessed volume is made of, in the form in which a cache stores it.
public struct SampleContents: Sendable {
    /// Voxels along the axes of storage.
    var shape: SIMD3<Int>
    /// The grid's affine, row by row; empty where the volume keeps none.
    var affine: [Double] = []
    /// Arrays by name.
    var arrays: [(name: String, bytes: any StorableBytes)]
}

/// A preprocessed volume in a file of a cache, checked and mapped into memory.
///
/// Layout: eight bytes `VSCSMP01`, the length of the header (8 bytes, little endian), the header (JSON), the arrays, each at a multiple of 64 bytes,
/// and 64 hexadecimal digits, the SHA-256 of everything before. Numbers are in the byte order of the machine, which is part of a sample's key.
struct SampleFile: Sendable {
    private struct Header: Codable {
        struct Section: Codable {
            var name: String
            var offset: Int
            var byteCount: Int
        }

        var key: String
        var shape: [Int]
        var affine: [Double]
        /// Offsets count from the first multiple of 64 behind the header.
        var sections: [Section]
    }

    private static let magic = Array("VSCSMP01".utf8)
    private static let digestLength = 64
    private static let alignment = 64

    private let file: MappedFile
    private let header: Header
    private let start: Int

    let shape: SIMD3<Int>
    var affine: [Double] { header.affine }
    /// The names of the arrays.
    var names: [String] { header.sections.map(\.name) }

    /// Opens a file and compares its checksum.
    /// - Parameter key: what the sample was made from, as it must stand in the file.
    /// - Throws: `CacheFileProblem` for a file that is truncated, damaged, or of other origin.
    init(_ url: URL, key: String) throws(CacheFileProblem) {
        file = try MappedFile(url.path)
        let bytes = file.bytes
        guard bytes.count >= 16 + Self.digestLength, bytes.prefix(8).elementsEqual(Self.magic) else {
            throw CacheFileProblem("is no file of a sample cache of this version")
        }
        let length = Int(clamping: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        guard length <= bytes.count - 16 - Self.digestLength else { throw CacheFileProblem("is truncated") }
        let body = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count - Self.digestLength))
        let hash = ContentHash()
        hash.update(body)
        guard Array(hash.finish().utf8).elementsEqual(bytes.suffix(Self.digestLength)) else {
            throw CacheFileProblem("is truncated or damaged: its checksum is wrong")
        }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[16..<16 + length])), header.shape.count == 3 else {
            throw CacheFileProblem("has an unknown header")
        }
        guard header.key == key else { throw CacheFileProblem("belongs to another volume") }
        let start = Self.aligned(16 + length)
        let isWithin = header.sections.allSatisfy { $0.offset >= 0 && $0.byteCount >= 0 && start + $0.offset + $0.byteCount <= body.count }
        guard isWithin else { throw CacheFileProblem("names arrays beyond its end") }
        (self.header, self.start) = (header, start)
        shape = SIMD3(header.shape[0], header.shape[1], header.shape[2])
    }

    /// The array of this name.
    /// - Throws: `CacheFileProblem` when there is none, or one of another length.
    func array<Element>(_ name: String, of type: Element.Type = Element.self, count: Int? = nil) throws(CacheFileProblem) -> StoredArray<Element> {
        guard let section = header.sections.first(where: { $0.name == name }) else { throw CacheFileProblem("lacks the array '\(name)'") }
        let found = section.byteCount / MemoryLayout<Element>.stride
        guard count ?? found == found, found * MemoryLayout<Element>.stride == section.byteCount else {
            throw CacheFileProblem("holds \(section.byteCount) bytes of '\(name)'")
        }
        return StoredArray(file, offset: start + section.offset, count: found)
    }

    /// Writes a sample under a temporary name and renames it: the file is there in whole or not at all, whoever else writes it at the same time.
    /// - Throws: what the system says, such as that the disk is full; nothing is left behind.
    static func write(_ contents: SampleContents, key: String, to url: URL) throws {
        var sections: [Header.Section] = []
        var offset = 0
        for (name, bytes) in contents.arrays {
            sections.append(Header.Section(name: name, offset: offset, byteCount: bytes.byteCount))
            offset = aligned(offset + bytes.byteCount)
        }
        let shape = [contents.shape.x, contents.shape.y, contents.shape.z]
        let header = Data(try JSONText.sorted(Header(key: key, shape: shape, affine: contents.affine, sections: sections)).utf8)
        var prefix = Data(magic)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { prefix.append(contentsOf: $0) }
        prefix.append(header)
        prefix.append(Data(count: aligned(prefix.count) - prefix.count))
        let partial = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
        do {
            guard FileManager.default.createFile(atPath: partial.path, contents: nil) else { throw POSIXError(.init(rawValue: errno) ?? .EACCES) }
            let handle = try FileHandle(forWritingTo: partial)
            defer { try? handle.close() }
            let hash = ContentHash()
            try prefix.withUnsafeBytes {
                hash.update($0)
                try put($0, into: handle)
            }
            for (_, array) in contents.arrays {
                try array.withBytes {
                    hash.update($0)
                    try put($0, into: handle)
                }
                try Data(count: aligned(array.byteCount) - array.byteCount).withUnsafeBytes {
                    hash.update($0)
                    try put($0, into: handle)
                }
            }
            try handle.write(contentsOf: Data(hash.finish().utf8))
            try handle.close()
            guard rename(partial.path, url.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    /// Writes bytes without a copy of them.
    private static func put(_ bytes: UnsafeRawBufferPointer, into handle: FileHandle) throws {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        try handle.write(contentsOf: Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none))
    }

    private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}
