import Foundation

/// Files that appear whole or not at all.
package enum AtomicOutput {
    /// Runs `body` with an address to write to, then moves what it wrote to `destination`, replacing what was there.
    ///
    /// The writing happens in a hidden folder beside the destination, so that the move is a rename on the same disk and formats of more
    /// than one file keep the names by which they find each other. Whatever fails or interrupts, the folder is removed.
    /// - Throws: `ToolFailure` with `.cannotCreate` when the folder cannot be written to, and what `body` throws.
    package static func write(to destination: URL, _ body: (URL) throws -> Void) throws {
        let parent = destination.deletingLastPathComponent()
        try refuseFolder(at: destination)
        let staging = try temporaryFolder(in: parent, for: destination)
        Interruption.register(staging)
        defer {
            try? FileManager.default.removeItem(at: staging)
            Interruption.unregister(staging)
        }
        let main = destination.lastPathComponent
        do { try body(staging.appending(path: main)) } catch {
            // The reader knows nothing of the folder in between.
            var failure = ToolFailure(describing: error)
            failure.message = failure.message.replacingOccurrences(of: staging.path + "/", with: parent.path + "/")
            // What is read here was just written.
            if failure.status == .noInput { failure.status = .inputOutput }
            throw failure
        }
        let written = try FileManager.default.contentsOfDirectory(atPath: staging.path).sorted()
        guard written.contains(main) else { throw ToolFailure(.internalError, "nothing was written for '\(destination.path)'") }
        try refuseForeign(written.filter { $0 != main }, beside: destination)
        // The file that names the others goes last: a reader never finds it without them.
        for name in written.filter({ $0 != main }) + [main] {
            guard rename(staging.appending(path: name).path, parent.appending(path: name).path) == 0 else {
                throw ToolFailure(errno: errno, "cannot write '\(parent.appending(path: name).path)'")
            }
        }
    }

    /// Writes `data` in the same manner.
    package static func write(_ data: Data, to destination: URL) throws {
        try write(to: destination) { address in
            do { try data.write(to: address) } catch { throw ToolFailure(.inputOutput, "cannot write '\(destination.path)': \(reason(error))") }
        }
    }

    /// Makes a folder and those above it, unless they exist.
    package static func makeFolder(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ToolFailure(.cannotCreate, "cannot create the folder '\(folder.path)': \(reason(error))")
        }
    }

    /// The system's reason for an error of Foundation, without its wrapping.
    package static func reason(_ error: any Error) -> String {
        let outer = error as NSError
        let inner = (outer.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? outer
        return inner.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(inner.code))) : outer.localizedDescription
    }

    /// Files that a header names are replaced together with the header that was there, never without it: they belong to another then.
    private static func refuseForeign(_ companions: [String], beside destination: URL) throws {
        guard !FileManager.default.fileExists(atPath: destination.path) else { return }
        for name in companions {
            let file = destination.deletingLastPathComponent().appending(path: name)
            guard !FileManager.default.fileExists(atPath: file.path) else {
                throw ToolFailure(
                    .cannotCreate,
                    "cannot write '\(destination.path)': its voxels would go to '\(file.path)', which belongs to something else; "
                        + "choose another name")
            }
        }
    }

    private static func refuseFolder(at destination: URL) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: destination.path, isDirectory: &isFolder), isFolder.boolValue {
            throw ToolFailure(.cannotCreate, "cannot write '\(destination.path)': expected a file name, found a folder")
        }
    }

    private static func temporaryFolder(in parent: URL, for destination: URL) throws -> URL {
        var template = Array(parent.appending(path: ".viscera-XXXXXX").path.utf8CString)
        guard mkdtemp(&template) != nil else {
            let code = errno
            if code == ENOENT {
                throw ToolFailure(.cannotCreate, "cannot write '\(destination.path)': the folder '\(parent.path)' does not exist; create it first")
            }
            throw ToolFailure(errno: code, "cannot write '\(destination.path)'")
        }
        return URL(filePath: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self), directoryHint: .isDirectory)
    }
}
