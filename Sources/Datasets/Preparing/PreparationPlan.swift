import Foundation
import MedicalImaging

/// Which files of a download go where; nothing is ever overwritten.
public struct PreparationPlan: Sendable, Equatable {
    /// One file and its place below the new folder.
    public struct Placement: Sendable, Equatable {
        public var source: URL
        public var destination: String
        /// Whether `source` is a folder with a DICOM series, which is converted to the volume `destination`.
        public var isSeries = false
    }

    /// How a file gets to its place.
    public enum Method: String, Sendable, CaseIterable {
        /// A second name of the same file: no space, same disk only.
        case hardLink = "hardlink"
        /// A link that breaks when the source moves.
        case symbolicLink = "symlink"
        case copy
    }

    public var placements: [Placement] = []
    /// What became of the files.
    public struct Outcome: Sendable, Equatable {
        /// How many were placed; the others were there.
        public var placed = 0
        /// Series that do not make a volume, with the reason; the others are placed nonetheless.
        public var refused: [String] = []
    }

    /// Volumes that do not belong to the data set, relative to the source.
    public var ignored: [String] = []
    /// Files that the published split names and the download lacks.
    public var missing: [String] = []

    /// Puts every file in its place below `folder`. Files that are there already with the same content stay; a second run changes nothing.
    /// - Parameter onFile: called before each file with its destination and position.
    /// A series that was converted before stays, too, whatever it holds.
    /// - Throws: `DatasetError.placement` before anything is placed when two sources or another file have the same destination, or when the
    ///   system refuses.
    public func execute(in folder: URL, by method: Method, onFile: (String, Int) -> Void = { _, _ in }) throws(DatasetError) -> Outcome {
        try refuseCollisions()
        var pending: [Placement] = []
        for placement in placements {
            let target = folder.appending(path: placement.destination)
            if !Self.exists(target) {
                pending.append(placement)
            } else if !placement.isSeries, !Self.isSame(placement.source, target) {
                throw .placement(
                    file: target.path,
                    reason: "is there already with other content than \(placement.source.path); move it away or choose another folder")
            }
        }
        for parent in Set(pending.map { folder.appending(path: $0.destination).deletingLastPathComponent().path }) {
            do { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) } catch {
                throw .placement(file: parent, reason: "the folder cannot be made: \(error.localizedDescription)")
            }
        }
        var outcome = Outcome()
        for (position, placement) in pending.enumerated() {
            onFile(placement.destination, position)
            let target = folder.appending(path: placement.destination)
            if placement.isSeries, let reason = try Self.convert(placement.source, to: target) {
                outcome.refused.append("\(placement.destination): \(reason)")
                continue
            }
            if !placement.isSeries { try Self.place(placement.source, at: target, by: method) }
            outcome.placed += 1
        }
        return outcome
    }

    /// Writes a DICOM series as a volume; why it is none, or `nil`.
    private static func convert(_ series: URL, to target: URL) throws(DatasetError) -> String? {
        let image: LoadedImage
        do { image = try ImageFile.read(series, options: ReadOptions(checksIntensities: false)) } catch { return "\(error)" }
        do { try ImageFile.write(image.volume, to: target, like: image.source) } catch {
            throw .placement(file: target.path, reason: "cannot be made: \(error); free space and run again")
        }
        return nil
    }

    private func refuseCollisions() throws(DatasetError) {
        var sources: [String: URL] = [:]
        for placement in placements {
            if let first = sources.updateValue(placement.source, forKey: placement.destination) {
                throw .placement(
                    file: placement.source.path, reason: "has the same name as \(first.path); remove one of the two from the source folder")
            }
        }
    }

    /// Whether there is anything at `url`, a broken link included.
    private static func exists(_ url: URL) -> Bool {
        var status = stat()
        return lstat(url.path, &status) == 0
    }

    private static func isSame(_ first: URL, _ second: URL) -> Bool {
        var (one, other) = (stat(), stat())
        guard stat(first.path, &one) == 0, stat(second.path, &other) == 0 else { return false }
        if one.st_dev == other.st_dev, one.st_ino == other.st_ino { return true }
        return one.st_size == other.st_size && FileManager.default.contentsEqual(atPath: first.path, andPath: second.path)
    }

    private static func place(_ source: URL, at target: URL, by method: Method) throws(DatasetError) {
        switch method {
        case .hardLink: try link(source.resolvingSymlinksInPath(), target)
        case .symbolicLink:
            guard symlink(source.absoluteURL.standardizedFileURL.path, target.path) == 0 else { throw failure(target, code: errno) }
        case .copy:
            let temporary = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).\(UUID().uuidString).part")
            defer { try? FileManager.default.removeItem(at: temporary) }
            do { try FileManager.default.copyItem(at: source.resolvingSymlinksInPath(), to: temporary) } catch {
                throw .placement(file: target.path, reason: "the copy failed: \(error.localizedDescription); free space and run again")
            }
            // A link, unlike a rename, never replaces what is there.
            try link(temporary, target)
        }
    }

    private static func link(_ source: URL, _ target: URL) throws(DatasetError) {
        guard Foundation.link(source.path, target.path) == 0 else { throw failure(target, code: errno) }
    }

    private static func failure(_ target: URL, code: Int32) -> DatasetError {
        let advice = code == EXDEV ? "the source lies on another disk: use --method copy or symlink" : "try --method copy"
        return .placement(file: target.path, reason: "cannot be made: \(String(cString: strerror(code))); \(advice)")
    }
}
