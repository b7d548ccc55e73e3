/// The checksum of TensorFlow's record files: CRC-32C (Castagnoli), rotated and shifted so that a checksum of checksums stays one.
package enum MaskedChecksum {
    /// CRC-32C, reflected polynomial 0x82F63B78 (RFC 3720, B.4).
    package static func castagnoli(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(truncatingIfNeeded: $0 ^ UInt32($1)) & 0xFF] ^ $0 >> 8 }
    }

    /// The checksum as it stands in a record: rotated right by 15 bits, plus 0xA282EAD8.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = castagnoli(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }

    private static let table: [UInt32] = (0..<256).map { first in
        (0..<8).reduce(UInt32(first)) { sum, _ in sum & 1 == 1 ? 0x82F6_3B78 ^ sum >> 1 : sum >> 1 }
    }
}
