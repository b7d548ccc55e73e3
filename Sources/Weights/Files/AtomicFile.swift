import Foundation

/// A file written under a temporary name in the folder of its destination, flushed to the disk, and renamed into place at the end:
/// whoever looks at the destination sees the old file or the complete new one. Dropped without `commit`, it leaves nothing behind.
package final class AtomicFile {
    /// The number of bytes written so far.
    package private(set) var offset = 0
    private let destination: String
    private let temporary: String
    private var descriptor: Int32

    /// Opens a temporary file beside `url`.
    /// - Throws: `WeightError` when the folder cannot be written to.
    package init(_ url: URL) throws(WeightError) {
        destination = url.path(percentEncoded: false)
        temporary = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(UUID().uuidString).part").path(percentEncoded: false)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure("cannot create a file here") }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlink(temporary)
        }
    }

    /// Appends `bytes`.
    /// - Throws: `WeightError` when the disk is full or fails.
    package func write(_ bytes: Data) throws(WeightError) {
        var done = 0
        while done < bytes.count {
            let start = done
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + start, min($0.count - start, 1 << 30)) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure("cannot write the file") }
            done += written
        }
        offset += bytes.count
    }

    /// Flushes the file to the disk and gives it its name.
    /// - Throws: `WeightError` when the disk is full or fails; the destination is then as it was.
    package func commit() throws(WeightError) {
        guard fsync(descriptor) == 0 else { throw failure("cannot flush the file to the disk") }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(temporary, destination) == 0 else {
            let error = failure("cannot move the finished file into place")
            unlink(temporary)
            throw error
        }
        let folder = open((destination as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private func failure(_ action: String) -> WeightError {
        WeightError(.inaccessible(reason: "\(action): \(String(cString: strerror(errno)))"), path: destination)
    }
}
