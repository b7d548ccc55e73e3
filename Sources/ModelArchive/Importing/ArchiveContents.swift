import CDeflate
import Foundation
import Weights

/// The files of a model archive, in a folder or packed as ZIP. Nothing of a packed archive is unpacked under a name that the archive chose.
struct ArchiveContents {
    private enum Storage {
        case folder(URL)
        /// The entries, and the folder inside that holds the archive.
        case packed(ZipArchive, root: String, file: String)
    }

    private let storage: Storage

    /// The file that every archive has.
    private static let mark = ArchiveLayout.trainingConfiguration
    /// The largest file that is unpacked.
    private static let limit = 16 << 30

    /// Opens a folder or a ZIP file.
    /// - Throws: `ArchiveError.layout` when there is no archive; `.packed` when the ZIP file is damaged, or a name in it tries to leave it.
    init(_ url: URL) throws(ArchiveError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .layout(folder: url.path, reason: "does not exist")
        }
        if isFolder.boolValue {
            guard FileManager.default.fileExists(atPath: url.appending(path: Self.mark).path) else {
                throw .layout(folder: url.path, reason: "has no \(Self.mark); give the folder that holds 'config' and 'models'")
            }
            storage = .folder(url)
            return
        }
        do {
            let zip = try ZipArchive(FileBytes(url))
            // Archives are packed with or without a folder around them.
            let marks = zip.entries.map(\.name).filter { $0 == Self.mark || $0.hasSuffix("/" + Self.mark) }.sorted { $0.count < $1.count }
            guard let found = marks.first else { throw ArchiveError.layout(folder: url.path, reason: "has no \(Self.mark) in it") }
            storage = .packed(zip, root: String(found.dropLast(Self.mark.count)), file: url.path)
        } catch let error as WeightError {
            throw .packed(file: url.path, reason: "\(error.problem)")
        } catch let error as ArchiveError { throw error } catch { throw .packed(file: url.path, reason: "\(error)") }
    }

    /// Whether there is a file at `path`.
    func contains(_ path: String) -> Bool {
        switch storage {
        case .folder(let folder): FileManager.default.fileExists(atPath: folder.appending(path: path).path)
        case .packed(let zip, let root, _): zip.entry(root + path) != nil
        }
    }

    /// A file to read: that of the folder, or an unpacked copy in `scratch`.
    func file(_ path: String, scratch: URL) throws(ArchiveError) -> URL {
        switch storage {
        case .folder(let folder): return folder.appending(path: path)
        case .packed(let zip, let root, let file):
            guard let entry = zip.entry(root + path) else { throw .packed(file: file, reason: "has no \(path)") }
            let target = scratch.appending(path: path)
            do {
                try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Self.content(of: entry, in: zip).write(to: target)
            } catch let error as WeightError {
                throw .packed(file: file, reason: "\(error.problem)")
            } catch let error as ArchiveError { throw error } catch {
                throw .unwritable(path: target.path, reason: error.localizedDescription)
            }
            return target
        }
    }

    /// The bytes of an entry, stored or deflated (RFC 1951), with their checksum checked.
    private static func content(of entry: ZipArchive.Entry, in zip: ZipArchive) throws -> Data {
        if entry.method == 0 { return try zip.data(entry) }
        guard entry.method == 8, !entry.isEncrypted else {
            throw WeightError(.unsupported(what: "the packing of “\(entry.name)”", advice: "unpack the archive and give its folder"))
        }
        let packed = try zip.storedData(entry)
        // DEFLATE cannot shrink by more than a factor of 1032.
        guard entry.size <= limit, entry.size <= packed.count * 1032 + 64 else {
            throw WeightError(.limitExceeded(what: "the size that “\(entry.name)” claims", found: entry.size, limit: packed.count * 1032 + 64))
        }
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw WeightError(.unsupported(what: "“\(entry.name)”", advice: "there is too little memory"))
        }
        defer { libdeflate_free_decompressor(decompressor) }
        var content = Data(count: entry.size)
        var written = 0
        let result = content.withUnsafeMutableBytes { output in
            packed.withUnsafeBytes { input in
                // An empty entry is two bytes of DEFLATE and leads nowhere.
                var nothing: UInt8 = 0
                return withUnsafeMutableBytes(of: &nothing) { spare in
                    libdeflate_deflate_decompress(
                        decompressor, input.baseAddress, input.count, output.baseAddress ?? spare.baseAddress, output.count, &written)
                }
            }
        }
        guard result == LIBDEFLATE_SUCCESS, written == entry.size, Checksum.crc32(content) == entry.checksum else {
            throw WeightError(.malformed(format: "ZIP", place: "“\(entry.name)”", reason: "its compressed data are damaged"))
        }
        return content
    }
}
