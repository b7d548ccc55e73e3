import Foundation

/// CRC-32 as used by ZIP (polynomial 0xEDB88320, reflected), eight bytes at a time.
package enum Checksum {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        for index in 256..<8 * 256 { tables[index] = tables[index - 256] >> 8 ^ tables[Int(tables[index - 256] & 0xFF)] }
        return tables
    }()

    /// The CRC-32 of `bytes`, continuing from that of the bytes before them.
    package static func crc32(_ bytes: Data, after previous: UInt32 = 0) -> UInt32 {
        var crc = ~previous
        tables.withUnsafeBufferPointer { table in
            bytes.withUnsafeBytes { source in
                var offset = 0
                while offset + 8 <= source.count {
                    let low = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) ^ crc
                    let high = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                    let first = table[1792 + Int(low & 0xFF)] ^ table[1536 + Int(low >> 8 & 0xFF)]
                    let second = table[1280 + Int(low >> 16 & 0xFF)] ^ table[1024 + Int(low >> 24)]
                    let third = table[768 + Int(high & 0xFF)] ^ table[512 + Int(high >> 8 & 0xFF)]
                    crc = first ^ second ^ third ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                    offset += 8
                }
                while offset < source.count {
                    crc = crc >> 8 ^ table[Int((crc ^ UInt32(source[offset])) & 0xFF)]
                    offset += 1
                }
            }
        }
        return ~crc
    }
}
