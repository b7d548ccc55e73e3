import Foundation
import Torch

/// The checkpoints of a run's folder: the latest and the one before it, which takes over when the latest is damaged.
///
/// At every moment one of the two is whole: the one before is a second name (a hard link, where the disk knows such) of the latest until a
/// new one has been written and renamed.
struct CheckpointFolder {
    let folder: URL

    /// The latest checkpoint.
    var latest: URL { folder.appending(path: "checkpoint.safetensors") }
    /// The one before it.
    var previous: URL { folder.appending(path: "checkpoint-previous.safetensors") }

    /// What a run goes on from.
    struct Found {
        var checkpoint: Checkpoint
        /// Why it is not the latest, in a sentence; `nil` when it is.
        var recovery: String?
    }

    /// The latest checkpoint, or the one before where that is damaged; `nil` without a latest one.
    /// - Throws: `LearningError.checkpoint` when both are damaged or the latest is of another run.
    func read(identity: String) throws -> Found? {
        guard FileManager.default.fileExists(atPath: latest.path) else { return nil }
        do { return Found(checkpoint: try Checkpoint.read(latest, identity: identity)) } catch let error as LearningError {
            guard case .checkpoint(_, let reason) = error, reason.hasPrefix("is damaged"), FileManager.default.fileExists(atPath: previous.path),
                let before = try? Checkpoint.read(previous, identity: identity)
            else { throw error }
            let damage = reason.prefix(while: { $0 != ";" })
            return Found(
                checkpoint: before,
                recovery: "the latest checkpoint \(damage); the run goes on from the one before it, of step \(before.state.step) "
                    + "(\(previous.lastPathComponent))")
        }
    }

    /// Runs `write`, which replaces the latest checkpoint, and keeps the one that was the latest until then.
    func replaceLatest(_ write: (URL) throws -> Void) throws {
        let files = FileManager.default
        if files.fileExists(atPath: latest.path) {
            let link = folder.appending(path: ".\(previous.lastPathComponent).\(UUID().uuidString).part")
            do { try files.linkItem(at: latest, to: link) } catch { try files.copyItem(at: latest, to: link) }
            guard rename(link.path, previous.path) == 0 else {
                let reason = String(cString: strerror(errno))
                try? files.removeItem(at: link)
                throw LearningError.checkpoint(file: previous.path, reason: "cannot be written: \(reason)")
            }
            // Where both names were one file already, the system leaves the link alone.
            try? files.removeItem(at: link)
        } else {
            // Of a run whose latest checkpoint somebody took away.
            try? files.removeItem(at: previous)
        }
        try write(latest)
    }

    /// Removes what writing left behind when it was killed: files begun under temporary names.
    /// - Returns: how many there were.
    @discardableResult func removeLeftovers() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let leftovers = names.filter { $0.hasPrefix(".") && $0.contains(".safetensors.") && $0.hasSuffix(".part") }
        for name in leftovers { try? FileManager.default.removeItem(at: folder.appending(path: name)) }
        return leftovers.count
    }
}
