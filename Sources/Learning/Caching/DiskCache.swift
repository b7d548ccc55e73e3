import Foundation
import Synchronization

/// Preprocessed volumes in a folder, one file each, for any number of processes and runs at a time.
///
/// A file is named after the key of its sample and appears in whole or not at all, so no locks are needed: two processes that make the same sample
/// write the same content, and the last rename wins. A file is checked when it is opened; one that is truncated, damaged or foreign is reported and
/// made anew. When the disk is full, that is said once and the run goes on without writing further files.
final class DiskCache: Sendable {
    private let folder: URL
    private let onNote: @Sendable (String) -> Void
    private let isFull = Mutex(false)

    /// Files that a killed process has left half written are removed after this time.
    private static let patience = 3600.0

    /// - Parameter onNote: told of files that were made anew and of a full disk, in one sentence each.
    /// - Throws: `LearningError.configuration` when the folder cannot be made.
    init(_ folder: URL, onNote: @escaping @Sendable (String) -> Void) throws(LearningError) {
        (self.folder, self.onNote) = (folder, onNote)
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw .configuration(keyPath: "cache.folder", reason: "the folder '\(folder.path)' cannot be made: \(Self.reason(error))")
        }
        removeLeftovers()
    }

    /// The sample from its file, or read from its source and filed.
    func sample<Sample>(_ item: SampleItem, _ reader: SampleReader<Sample>) throws -> Sample {
        guard let storage = reader.storage else { return try reader.read(item) }
        let key = try SampleKey.key(of: item, files: item.files(withLabels: storage.usesLabels), recipe: storage.recipe(item))
        let url = folder.appending(path: "\(key.prefix(32)).sample")
        if FileManager.default.fileExists(atPath: url.path) {
            do { return try storage.restore(item, SampleFile(url, key: key)) } catch let problem as CacheFileProblem {
                onNote("the cached volume \(url.path) \(problem); \(item.name) is preprocessed again")
            }
        }
        let sample = try reader.read(item)
        guard let contents = sample.contents, !isFull.withLock({ $0 }) else { return sample }
        do {
            try SampleFile.write(contents, key: key, to: url)
            return try storage.restore(item, SampleFile(url, key: key))
        } catch {
            let wasFull = isFull.withLock { isFull in
                let before = isFull
                isFull = true
                return before
            }
            if !wasFull {
                onNote(
                    "the cache folder \(folder.path) takes no more files (\(Self.reason(error))): the run goes on without it; volumes that are not in it "
                        + "are held in memory or read again")
            }
            return sample
        }
    }

    private func removeLeftovers() {
        let keys: [URLResourceKey] = [.contentModificationDateKey]
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: keys)) ?? []
        for file in files where file.lastPathComponent.hasPrefix(".") && file.pathExtension == "partial" {
            let changed = try? file.resourceValues(forKeys: Set(keys)).contentModificationDate
            if let changed, changed.timeIntervalSinceNow < -Self.patience { try? FileManager.default.removeItem(at: file) }
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let problem = error as? CacheFileProblem { return problem.description }
        if let error = error as? POSIXError { return String(cString: strerror(error.code.rawValue)) }
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(underlying.code))) }
        return error.localizedDescription
    }
}
