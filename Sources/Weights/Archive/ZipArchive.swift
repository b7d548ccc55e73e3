import Foundation

/// The directory of a ZIP file whose entries are stored, not compressed, as PyTorch writes them (APPNOTE 6.3.10, with Zip64).
///
/// Nothing is extracted: entries are windows onto the mapped file, and their names are only compared, never used as paths.
package struct ZipArchive {
    /// One entry of the central directory.
    package struct Entry: Equatable {
        package var name: String
        package var method: UInt16
        package var isEncrypted: Bool
        package var checksum: UInt32
        package var compressedSize: Int
        package var size: Int
        package var headerOffset: Int
    }

    /// The entries in directory order.
    package let entries: [Entry]
    private let file: FileBytes
    private let indices: [String: Int]
    static let format = "ZIP"
    private static let maximumEntryCount = 1_000_000

    /// Whether the file begins with a ZIP entry or an empty archive.
    package static func recognizes(_ file: FileBytes) -> Bool {
        let signature: UInt32? = file.integer(at: 0)
        return signature == 0x0403_4B50 || signature == 0x0605_4B50
    }

    /// Reads the central directory.
    /// - Throws: `WeightError` when it is absent, damaged, names an entry twice or uses names that try to leave the archive.
    package init(_ file: FileBytes) throws(WeightError) {
        self.file = file
        let directory = try ZipDirectory.locate(in: file)
        guard directory.entryCount <= Self.maximumEntryCount else {
            throw WeightError(.limitExceeded(what: "the number of archive entries", found: directory.entryCount, limit: Self.maximumEntryCount))
        }
        var entries: [Entry] = []
        var indices: [String: Int] = [:]
        var offset = directory.range.lowerBound
        for _ in 0..<directory.entryCount {
            let (entry, next) = try ZipDirectory.entry(in: file, at: offset, end: directory.range.upperBound)
            guard indices.updateValue(entries.count, forKey: entry.name) == nil else {
                throw WeightError(.duplicateName(name: entry.name, reason: "in the ZIP directory"))
            }
            entries.append(entry)
            offset = next
        }
        guard offset == directory.range.upperBound else {
            throw .malformed(Self.format, "the central directory", "it has more bytes than its \(directory.entryCount) entries take")
        }
        self.entries = entries
        self.indices = indices
    }

    /// The entry called `name`, or `nil`.
    package func entry(_ name: String) -> Entry? { indices[name].map { entries[$0] } }

    /// The bytes of an entry, as a window onto the file, after checking its local header and its checksum.
    /// - Throws: `WeightError` when the entry is compressed or encrypted, lies outside the file, or is damaged.
    package func data(_ entry: Entry) throws(WeightError) -> Data { file.data(try range(entry)) }

    /// Where the bytes of an entry lie in the file, after checking its local header and its checksum.
    /// - Throws: as `data(_:)`.
    package func range(_ entry: Entry) throws(WeightError) -> Range<Int> {
        guard entry.method == 0, !entry.isEncrypted else {
            throw WeightError(
                .unsupported(
                    what: "the \(entry.isEncrypted ? "encrypted" : "compressed") archive entry “\(entry.name)”",
                    advice: "PyTorch stores entries uncompressed: save the weights again with torch.save"))
        }
        let place = "“\(entry.name)”"
        guard entry.compressedSize == entry.size else { throw .malformed(Self.format, place, "stored, but its two sizes differ") }
        let range = try storedRange(entry)
        guard Checksum.crc32(file.data(range)) == entry.checksum else { throw .malformed(Self.format, place, "its checksum is wrong") }
        return range
    }

    /// The bytes of an entry as they are stored, compressed or not, after checking its local header only.
    /// - Throws: `WeightError` when the entry lies outside the file.
    package func storedData(_ entry: Entry) throws(WeightError) -> Data { file.data(try storedRange(entry)) }

    private func storedRange(_ entry: Entry) throws(WeightError) -> Range<Int> {
        let place = "“\(entry.name)”"
        guard file.integer(UInt32.self, at: entry.headerOffset) == 0x0403_4B50,
            let nameLength: UInt16 = file.integer(at: entry.headerOffset + 26), let extraLength: UInt16 = file.integer(at: entry.headerOffset + 28)
        else { throw .malformed(Self.format, place, "no local header at byte \(entry.headerOffset)") }
        let nameStart = entry.headerOffset + 30
        guard file.holds(Int(nameLength), at: nameStart), file.data(nameStart..<nameStart + Int(nameLength)).elementsEqual(entry.name.utf8) else {
            throw .malformed(Self.format, place, "the local header has another name")
        }
        let start = nameStart + Int(nameLength) + Int(extraLength)
        guard file.holds(entry.compressedSize, at: start) else {
            throw .malformed(Self.format, place, "its \(entry.compressedSize) bytes pass the end of the file")
        }
        return start..<start + entry.compressedSize
    }
}
