import Foundation

/// Finds and decodes the central directory of a ZIP file.
enum ZipDirectory {
    /// Where the directory lies and how many entries it says it has.
    struct Location {
        var range: Range<Int>
        var entryCount: Int
    }

    private static let format = ZipArchive.format

    /// Looks for the end record in the last 64 KiB, and follows it to its Zip64 twin if there is one.
    static func locate(in file: FileBytes) throws(WeightError) -> Location {
        var position = file.count - 22
        let lowest = max(0, position - 0xFFFF)
        while position >= lowest, !isEndRecord(file, position) { position -= 1 }
        guard position >= lowest, position >= 0, let disk: UInt16 = file.integer(at: position + 4),
            let count: UInt16 = file.integer(at: position + 10),
            let size: UInt32 = file.integer(at: position + 12), let offset: UInt32 = file.integer(at: position + 16)
        else { throw .malformed(format, "the end", "no end-of-directory record: the file is truncated") }
        if count == .max || size == .max || offset == .max { return try locateWide(in: file, before: position) }
        guard disk == 0 else { throw WeightError(.unsupported(what: "a ZIP archive in several parts", advice: "join the parts first")) }
        return try location(offset: UInt64(offset), size: UInt64(size), count: UInt64(count), limit: position)
    }

    /// An end record whose comment ends with the file.
    private static func isEndRecord(_ file: FileBytes, _ position: Int) -> Bool {
        guard file.integer(UInt32.self, at: position) == 0x0605_4B50, let comment: UInt16 = file.integer(at: position + 20) else { return false }
        return position + 22 + Int(comment) == file.count
    }

    private static func locateWide(in file: FileBytes, before end: Int) throws(WeightError) -> Location {
        guard file.integer(UInt32.self, at: end - 20) == 0x0706_4B50, let offset: UInt64 = file.integer(at: end - 12),
            let position = Int(exactly: offset), position < end, file.integer(UInt32.self, at: position) == 0x0606_4B50,
            let count: UInt64 = file.integer(at: position + 32), let size: UInt64 = file.integer(at: position + 40),
            let start: UInt64 = file.integer(at: position + 48)
        else { throw .malformed(format, "the end", "the Zip64 end-of-directory record is missing or misplaced") }
        return try location(offset: start, size: size, count: count, limit: position)
    }

    private static func location(offset: UInt64, size: UInt64, count: UInt64, limit: Int) throws(WeightError) -> Location {
        guard let start = Int(exactly: offset), let size = Int(exactly: size), start <= limit, size <= limit - start, count <= UInt64(size / 46)
        else {
            throw .malformed(format, "the central directory", "its place, size or entry count cannot be")
        }
        return Location(range: start..<start + size, entryCount: Int(count))
    }

    /// Decodes the directory entry at `offset`; returns it and where the next one starts.
    static func entry(in file: FileBytes, at offset: Int, end: Int) throws(WeightError) -> (ZipArchive.Entry, next: Int) {
        guard end - offset >= 46, file.integer(UInt32.self, at: offset) == 0x0201_4B50, let flags: UInt16 = file.integer(at: offset + 8),
            let method: UInt16 = file.integer(at: offset + 10), let checksum: UInt32 = file.integer(at: offset + 16),
            let compressed: UInt32 = file.integer(at: offset + 20), let size: UInt32 = file.integer(at: offset + 24),
            let nameLength: UInt16 = file.integer(at: offset + 28), let extraLength: UInt16 = file.integer(at: offset + 30),
            let commentLength: UInt16 = file.integer(at: offset + 32), let header: UInt32 = file.integer(at: offset + 42)
        else { throw .malformed(format, "byte \(offset)", "not a central directory entry") }
        let nameEnd = offset + 46 + Int(nameLength)
        let extraEnd = nameEnd + Int(extraLength)
        guard extraEnd + Int(commentLength) <= end else { throw .malformed(format, "byte \(offset)", "an entry passes the end of the directory") }
        let name = try self.name(file.data(offset + 46..<nameEnd), at: offset)
        var wide = try WideFields(file, extra: nameEnd..<extraEnd)
        let entry = ZipArchive.Entry(
            name: name, method: method, isEncrypted: flags & 1 != 0, checksum: checksum, compressedSize: 0, size: try wide.resolve(size),
            headerOffset: 0)
        return (try completed(entry, compressed: compressed, header: header, wide: &wide), extraEnd + Int(commentLength))
    }

    /// Fills in the fields that a Zip64 extra field gives in fixed order: size, compressed size, header offset.
    private static func completed(
        _ entry: ZipArchive.Entry, compressed: UInt32, header: UInt32, wide: inout WideFields
    ) throws(WeightError) -> ZipArchive.Entry {
        var entry = entry
        entry.compressedSize = try wide.resolve(compressed)
        entry.headerOffset = try wide.resolve(header)
        return entry
    }

    private static func name(_ bytes: Data, at offset: Int) throws(WeightError) -> String {
        guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty, !name.contains("\0") else {
            throw .malformed(format, "byte \(offset)", "an entry has no valid name")
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.hasPrefix("/"), !name.contains("\\"), !parts.contains("..") else {
            throw .malformed(format, "“\(name)”", "the entry's name tries to leave the archive")
        }
        return name
    }

    /// The values of a Zip64 extra field, taken one after the other by the 32-bit fields that are all ones.
    private struct WideFields {
        private var values: [UInt64] = []

        init(_ file: FileBytes, extra: Range<Int>) throws(WeightError) {
            var offset = extra.lowerBound
            while extra.upperBound - offset >= 4, let tag: UInt16 = file.integer(at: offset), let length: UInt16 = file.integer(at: offset + 2) {
                let next = offset + 4 + Int(length)
                guard next <= extra.upperBound else { throw .malformed(ZipArchive.format, "byte \(offset)", "an extra field passes its entry's end") }
                if tag == 1 {
                    values = stride(from: offset + 4, to: next - 7, by: 8).compactMap { file.integer(UInt64.self, at: $0) }.reversed()
                }
                offset = next
            }
        }

        mutating func resolve(_ narrow: UInt32) throws(WeightError) -> Int {
            if narrow != .max { return Int(narrow) }
            guard let wide = values.popLast(), let value = Int(exactly: wide) else {
                throw .malformed(ZipArchive.format, "the central directory", "a Zip64 field is missing or too large")
            }
            return value
        }
    }
}
