import Foundation

/// One volume to work on: a file, or a folder that holds a DICOM series.
package struct InputCase: Sendable, Equatable {
    package var url: URL
    /// The name without ending, from which names of outputs are made.
    package var name: String
    /// The ending of the volume file; `nil` for DICOM.
    package var ending: String?

    /// The cases behind the arguments of a command: files as they are; of a folder its volume files, or the DICOM series in it, or those
    /// of its subfolders.
    /// - Throws: `ToolFailure` with `.noInput` for a path that does not exist or cannot be read and for folders without volumes.
    package static func find(_ paths: [String]) throws -> [InputCase] { try paths.flatMap { try find(URL(filePath: $0)) } }

    private static func find(_ url: URL) throws -> [InputCase] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ToolFailure(.noInput, "'\(url.path)' does not exist")
        }
        guard FileManager.default.isReadableFile(atPath: url.path) else {
            throw ToolFailure(.noInput, "'\(url.path)' cannot be read: permission denied")
        }
        guard isFolder.boolValue else { return [InputCase(file: url)] }
        let found = try search(folder: url, depth: 2)
        guard !found.isEmpty else {
            throw ToolFailure(
                .noInput, "the folder '\(url.path)' holds no volumes: expected files ending in \(VolumeFormat.listed), or a DICOM series")
        }
        return found
    }

    private init(file url: URL) {
        let parsed = VolumeFormat.parse(url.lastPathComponent)
        self.init(url: url, name: parsed?.stem ?? url.deletingPathExtension().lastPathComponent, ending: parsed?.ending)
    }

    private init(url: URL, name: String, ending: String?) {
        self.url = url
        self.name = name
        self.ending = ending
    }

    private static func search(folder: URL, depth: Int) throws -> [InputCase] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted() } catch {
            throw ToolFailure(.noInput, "the folder '\(folder.path)' cannot be read: \(AtomicOutput.reason(error))")
        }
        let children = names.map { folder.appending(path: $0) }
        let volumes = children.filter { VolumeFormat.parse($0.lastPathComponent) != nil && !isFolder($0) }
        if !volumes.isEmpty { return volumes.map { InputCase(file: $0) } }
        if children.contains(where: isDICOM) { return [InputCase(url: folder, name: folder.standardizedFileURL.lastPathComponent, ending: nil)] }
        guard depth > 0 else { return [] }
        return try children.filter(isFolder).flatMap { try search(folder: $0, depth: depth - 1) }
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether a file carries the mark of DICOM (`DICM` after 128 bytes) or its usual ending.
    private static func isDICOM(_ url: URL) -> Bool {
        guard !isFolder(url) else { return false }
        if ["dcm", "ima"].contains(url.pathExtension.lowercased()) { return true }
        guard let handle = try? FileHandle(forReadingFrom: url) else { return false }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: 132))?.suffix(4) == Data("DICM".utf8)
    }
}
