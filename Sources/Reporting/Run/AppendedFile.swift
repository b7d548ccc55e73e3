import Foundation

/// A file that only grows, one whole record per write, so that a reader beside us sees every record soon and none in part.
final class AppendedFile {
    let path: String
    private let handle: FileHandle

    /// Opens the file at `url`, creating it where there is none.
    init(_ url: URL) throws(ReportingError) {
        path = url.path(percentEncoded: false)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func append(_ record: Data) throws(ReportingError) {
        do { try handle.write(contentsOf: record) } catch { throw .unwritable(path: path, reason: systemReason(error)) }
    }
}

/// What the system said of a failure, without Foundation's wrapping.
func systemReason(_ error: any Error) -> String {
    let outer = error as NSError
    let inner = (outer.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? outer
    return inner.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(inner.code))) : outer.localizedDescription
}

/// Writes `data` under another name in the same folder, then renames it to `url`.
func writeWhole(_ data: Data, to url: URL) throws(ReportingError) {
    do { try data.write(to: url, options: .atomic) } catch {
        throw .unwritable(path: url.path(percentEncoded: false), reason: systemReason(error))
    }
}
