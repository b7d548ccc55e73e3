import Foundation

/// Files that appear whole or not at all: written under a temporary name in the same folder, then renamed.
package enum AtomicFile {
    /// Writes `pieces` one after another to `url`.
    package static func write(_ pieces: [Data], to url: URL) throws(ImageError) {
        let folder = url.deletingLastPathComponent()
        let temporary = folder.appending(path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
        let path = url.path(percentEncoded: false)
        do {
            guard FileManager.default.createFile(atPath: temporary.path(percentEncoded: false), contents: nil) else {
                throw ImageError.unwritable(path: path, reason: "no file can be created in its folder; check that it exists and is writable")
            }
            let handle = try FileHandle(forWritingTo: temporary)
            defer { try? handle.close() }
            for piece in pieces { try handle.write(contentsOf: piece) }
            try handle.close()
            guard rename(temporary.path(percentEncoded: false), path) == 0 else {
                throw ImageError.unwritable(path: path, reason: String(cString: strerror(errno)))
            }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error as? ImageError ?? .unwritable(path: path, reason: Self.reason(error))
        }
    }

    /// The whole content of a file.
    package static func read(_ url: URL) throws(ImageError) -> Data {
        let path = url.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path, reason: "there is no such file")
        }
        guard !isFolder.boolValue else { throw .unreadable(path: path, reason: "it is a folder, expected a file") }
        do {
            let data = try Data(contentsOf: url)
            guard !data.isEmpty else { throw ImageError.unreadable(path: path, reason: "the file is empty") }
            return data
        } catch {
            throw error as? ImageError ?? .unreadable(path: path, reason: Self.reason(error))
        }
    }

    /// What the system said, in one short sentence.
    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(underlying.code))) }
        return (error as? CocoaError)?.underlying.map { "\($0)" } ?? error.localizedDescription
    }
}
