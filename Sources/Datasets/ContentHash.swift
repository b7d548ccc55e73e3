import CCrypto
import Foundation

/// SHA-256 of data that comes in pieces (FIPS 180-4, by libcrypto).
package struct ContentHash: ~Copyable {
    private let context = EVP_MD_CTX_new()

    package init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds a piece.
    package func update(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    /// The hash of all pieces in hexadecimal; nothing can be added afterwards.
    package consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The hash of a text's UTF-8 in hexadecimal.
    package static func sha256(of text: String) -> String {
        let hash = ContentHash()
        Array(text.utf8).withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
