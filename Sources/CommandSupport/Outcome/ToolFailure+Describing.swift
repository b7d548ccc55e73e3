import Foundation

extension ToolFailure {
    /// The message and the exit status of any error: of the tool, of its libraries, of the system.
    package init(describing error: any Error) {
        switch error {
        case let failure as ToolFailure: self = failure
        case let error as any ReportedError: self = error.failure
        case let error as CocoaError: self.init(cocoa: error)
        case let error as POSIXError: self.init(errno: error.code.rawValue, "the system refused")
        default: self.init(.internalError, "\(error)")
        }
    }

    private init(cocoa error: CocoaError) {
        let path = error.filePath.map { "'\($0)': " } ?? ""
        let message = path + AtomicOutput.reason(error)
        switch error.code {
        case .fileNoSuchFile, .fileReadNoSuchFile, .fileReadNoPermission: self.init(.noInput, message)
        case .fileWriteNoPermission, .fileWriteFileExists, .fileWriteInvalidFileName, .fileWriteVolumeReadOnly: self.init(.cannotCreate, message)
        case .fileWriteOutOfSpace: self.init(.inputOutput, "\(message); free space or choose another folder")
        case .fileReadCorruptFile, .fileReadUnknownStringEncoding, .propertyListReadCorrupt, .coderReadCorrupt: self.init(.badData, message)
        default: self.init(.inputOutput, message)
        }
    }
}
