import Foundation

/// Writes a ZIP file of stored entries as PyTorch lays them out: the bytes of each start at a multiple of 64, sizes and offsets beyond
/// 4 GiB use Zip64. Time stamps are fixed, so that the same content gives the same bytes.
package struct ZipWriter {
    private let file: AtomicFile
    private var directory = Data()
    private var count = 0
    private static let alignment = 64

    /// Starts an archive at `url`.
    /// - Throws: `WeightError` when the folder cannot be written to.
    package init(_ url: URL) throws(WeightError) { file = try AtomicFile(url) }

    /// Appends an entry.
    /// - Throws: `WeightError` when the disk is full or fails.
    package mutating func add(_ name: String, _ bytes: Data) throws(WeightError) {
        let offset = file.offset
        let checksum = Checksum.crc32(bytes)
        let isWide = bytes.count >= Int(UInt32.max)
        let sizes = isWide ? field(1, integer(UInt64(bytes.count)) + integer(UInt64(bytes.count))) : Data()
        let unpadded = offset + 30 + name.utf8.count + sizes.count + 4
        let padding = field(0x4246, Data(repeating: 0x5A, count: (Self.alignment - unpadded % Self.alignment) % Self.alignment))
        let common = commonFields(name, checksum: checksum, size: isWide ? .max : UInt32(bytes.count))
        try file.write(integer(0x0403_4B50 as UInt32) + common + integer(UInt16(sizes.count + padding.count)) + Data(name.utf8) + sizes + padding)
        try file.write(bytes)
        var wide = isWide ? integer(UInt64(bytes.count)) + integer(UInt64(bytes.count)) : Data()
        if offset >= Int(UInt32.max) { wide += integer(UInt64(offset)) }
        let extra = wide.isEmpty ? Data() : field(1, wide)
        directory += integer(0x0201_4B50 as UInt32) + integer(45 as UInt16) + common + integer(UInt16(extra.count))
        directory += Data(count: 10) + integer(offset >= Int(UInt32.max) ? UInt32.max : UInt32(offset)) + Data(name.utf8) + extra
        count += 1
    }

    /// Writes the directory and moves the archive into place.
    /// - Throws: `WeightError` when the disk is full or fails.
    package func commit() throws(WeightError) {
        let start = file.offset
        try file.write(directory)
        let isWide = start >= Int(UInt32.max) || count >= Int(UInt16.max)
        if isWide {
            let position = file.offset
            var record = integer(0x0606_4B50 as UInt32) + integer(44 as UInt64) + integer(45 as UInt16) + integer(45 as UInt16) + Data(count: 8)
            record += integer(UInt64(count)) + integer(UInt64(count)) + integer(UInt64(directory.count)) + integer(UInt64(start))
            record += integer(0x0706_4B50 as UInt32) + Data(count: 4) + integer(UInt64(position)) + integer(1 as UInt32)
            try file.write(record)
        }
        let entries = integer(isWide ? UInt16.max : UInt16(count))
        var end = integer(0x0605_4B50 as UInt32) + Data(count: 4) + entries + entries
        end += integer(UInt32(directory.count)) + integer(isWide ? UInt32.max : UInt32(start)) + Data(count: 2)
        try file.write(end)
        try file.commit()
    }

    /// The fields from “version needed” to “file name length”, which both headers share.
    private func commonFields(_ name: String, checksum: UInt32, size: UInt32) -> Data {
        let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
        let flags = integer(isASCII ? 0 as UInt16 : 0x0800)
        let date = integer(0 as UInt16) + integer(0x0021 as UInt16)  // 1980-01-01 00:00
        return integer(45 as UInt16) + flags + integer(0 as UInt16) + date + integer(checksum) + integer(size) + integer(size)
            + integer(UInt16(name.utf8.count))
    }

    private func field(_ tag: UInt16, _ bytes: Data) -> Data { integer(tag) + integer(UInt16(bytes.count)) + bytes }

    private func integer<Value: FixedWidthInteger>(_ value: Value) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
}
