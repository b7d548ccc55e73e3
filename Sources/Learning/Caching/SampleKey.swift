import Datasets
import Foundation

/// What tells two preprocessed volumes apart: the files that they come from, what was done to them, and the version of the code that did it.
///
/// A file counts as the same as long as its size, its time of change and its first and last 64 KiB are; the end of a gzip file holds a checksum of the
/// content. Its path does not count, so that data may move.
enum SampleKey {
    /// Raised whenever preprocessing or layout change: files of other versions are not found then, and are made anew.
    static let version = 1

    /// Bytes hashed at either end of a file.
    private static let edge = 1 << 16

    /// The key as hexadecimal digits.
    /// - Parameter recipe: what was done, and what else decides the content.
    /// - Throws: `LearningError.sample` for a file that cannot be looked at.
    static func key(of item: SampleItem, files: [URL], recipe: String) throws(LearningError) -> String {
        let hash = ContentHash()
        func add(_ text: String) { Array("\(text)\n".utf8).withUnsafeBytes { hash.update($0) } }
        add("viscera sample \(version), \(1.littleEndian == 1 ? "little" : "big") endian")
        add(recipe)
        for file in files {
            add("file")
            for part in try parts(of: file, name: item.name) {
                add("\(part.size) \(part.seconds) \(part.nanoseconds)")
                for edge in part.edges { edge.withUnsafeBytes { hash.update($0) } }
            }
        }
        return hash.finish()
    }

    private struct Part {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
        var edges: [Data]
    }

    /// The file itself, or the files of a folder (a DICOM series) by name.
    private static func parts(of url: URL, name: String) throws(LearningError) -> [Part] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .sample(name: name, reason: "there is no file '\(url.path)'; correct the datalist")
        }
        guard isFolder.boolValue else { return [try part(url, name: name)] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        var parts: [Part] = []
        for file in names.sorted() { parts.append(try part(url.appending(path: file), name: name)) }
        return parts
    }

    private static func part(_ url: URL, name: String) throws(LearningError) -> Part {
        var status = stat()
        guard stat(url.path, &status) == 0, let handle = try? FileHandle(forReadingFrom: url) else {
            throw .sample(name: name, reason: "the file '\(url.path)' cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { try? handle.close() }
        let size = Int(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        func read(_ offset: Int) -> Data {
            try? handle.seek(toOffset: UInt64(offset))
            return (try? handle.read(upToCount: edge)).flatMap { $0 } ?? Data()
        }
        return Part(size: size, seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec), edges: [read(0), read(max(0, size - edge))])
    }
}
