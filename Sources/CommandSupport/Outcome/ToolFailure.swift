import Foundation

/// What ends a command: one message for the reader and one number for the shell.
package struct ToolFailure: Error, Sendable {
    package var status: ExitStatus
    /// What was expected, what was found, what to do.
    package var message: String

    package init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// A failure of a system call.
    /// - Parameter action: what was tried, such as `cannot create 'out'`.
    package init(errno code: Int32, _ action: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR: self.init(.noInput, "\(action): \(reason)")
        case EACCES, EPERM, EROFS, EEXIST, EISDIR, ENAMETOOLONG: self.init(.cannotCreate, "\(action): \(reason)")
        case ENOMEM: self.init(.outOfMemory, "\(action): \(reason)")
        case ENOSPC, EDQUOT: self.init(.inputOutput, "\(action): \(reason); free space or choose another folder")
        default: self.init(.inputOutput, "\(action): \(reason)")
        }
    }
}
