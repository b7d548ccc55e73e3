import CCrypto
import Foundation

/// SHA-256 of files, read in pieces.
package enum Fingerprint {
    /// The hash of a file's bytes, or of a folder's files (sorted by name, each by its own hash), in hexadecimal.
    package static func sha256(of url: URL) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "'\(url.path)' does not exist")
        }
        guard isFolder.boolValue else { return try hash { try feed(file: url, $0) } }
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().filter { !$0.hasPrefix(".") }
        return try hash { update in
            for name in names {
                let file = url.appending(path: name)
                var isNested: ObjCBool = false
                guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isNested), !isNested.boolValue else { continue }
                update(Data(try hash { try feed(file: file, $0) }.utf8))
            }
        }
    }

    /// The hash of `data` in hexadecimal.
    package static func sha256(of data: Data) throws -> String { try hash { $0(data) } }

    private static func feed(file: URL, _ update: (Data) -> Void) throws {
        guard let handle = try? FileHandle(forReadingFrom: file) else { throw ToolFailure(.noInput, "cannot read '\(file.path)'") }
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: 1 << 22), !piece.isEmpty { update(piece) }
    }

    private static func hash(_ body: ((Data) -> Void) throws -> Void) throws -> String {
        guard let context = EVP_MD_CTX_new() else { throw ToolFailure(.outOfMemory, "cannot allocate a hash") }
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        try body { piece in _ = piece.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) } }
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest.map { String(format: "%02x", $0) }.joined()
    }
}
