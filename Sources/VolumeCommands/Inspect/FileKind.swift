import CommandSupport
import Foundation

/// Whether a path is for the image readers or for the weight readers.
package enum FileKind {
    case volume, weights

    /// Told by the first bytes: ZIP archives, pickles and safetensors are weights, all else is left to the image readers.
    package static func of(_ url: URL) throws -> FileKind {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "'\(url.path)' does not exist")
        }
        if isFolder.boolValue { return .volume }
        if weightEndings.contains(url.pathExtension.lowercased()) { return .weights }
        guard let handle = try? FileHandle(forReadingFrom: url) else { throw ToolFailure(.noInput, "cannot read '\(url.path)': permission denied") }
        defer { try? handle.close() }
        let head = [UInt8](try handle.read(upToCount: 16) ?? Data())
        let isArchive = head.starts(with: [0x50, 0x4B, 3, 4])
        let isPickle = head.count > 1 && head[0] == 0x80 && (2...5).contains(head[1])
        let isSafetensors = head.count > 8 && head[8] == UInt8(ascii: "{") && VolumeFormat.parse(url.lastPathComponent) == nil
        return isArchive || isPickle || isSafetensors ? .weights : .volume
    }

    /// The usual endings of weight files.
    static let weightEndings: Set<String> = ["safetensors", "pt", "pth", "ts", "ckpt"]
}
