import Datasets
import Foundation
import Models

/// What a new archive is made from.
public struct ArchiveBlueprint: Sendable, Equatable {
    /// The archive's title.
    public var title = "Abdominal organs in CT: UNETR with self-supervised pre-training"
    /// The network; its transformer is what pre-training trains.
    public var network = UNETRConfiguration.base
    /// Spacing in mm of segmentation, in RAS axes.
    public var spacing = [1.5, 1.5, 2.0]
    /// The HU range that becomes 0…1 in segmentation.
    public var window = [-175.0, 250.0]
    /// Spacing in mm of pre-training, in stored axes.
    public var pretrainingSpacing = [2.0, 2.0, 2.0]
    /// The HU range of pre-training.
    public var pretrainingWindow = [-57.0, 164.0]
    /// Where the labelled and the unlabelled data lie: absolute, or relative to the archive.
    public var dataRoot = "/data/BTCV"
    public var pretrainingDataRoot = "/data/COVID19"
    /// The list to fine-tune on, relative to `config`; one of the published splits, or a file that the user puts there.
    public var list = PublishedSplit.btcv.fileName
    /// The list to pre-train on, likewise.
    public var pretrainingList = PublishedSplit.tcia.fileName

    /// The published model: ViT-B/16, 96³, 14 channels.
    public init() {}

    /// One file of an archive.
    struct File: Equatable {
        var path: String
        var content: String
        var isExecutable = false
    }

    /// All files, in the order of the layout.
    var files: [File] {
        let splits = PublishedSplit.allCases.map { split in
            File(path: "config/\(split.fileName)", content: split.list(in: URL(filePath: "/", directoryHint: .isDirectory)).text)
        }
        return CommandScripts.files + configurations + splits + documents
    }

    /// Makes the archive; it appears whole or not at all.
    /// - Throws: `ArchiveError.occupied` when something is there already, `.unwritable` when the system refuses, and what the network's
    ///   validation throws.
    public func create(at root: URL) throws {
        try network.validate()
        let root = root.absoluteURL.standardizedFileURL
        guard !FileManager.default.fileExists(atPath: root.path) else { throw ArchiveError.occupied(path: root.path) }
        let staging = root.deletingLastPathComponent().appending(path: ".\(root.lastPathComponent).\(UUID().uuidString).part")
        defer { try? FileManager.default.removeItem(at: staging) }
        do {
            for folder in ArchiveLayout.folders {
                try FileManager.default.createDirectory(at: staging.appending(path: folder), withIntermediateDirectories: true)
            }
            for file in files {
                let url = staging.appending(path: file.path)
                try Data(file.content.utf8).write(to: url)
                let mode = file.isExecutable ? 0o755 : 0o644
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
            }
        } catch {
            throw ArchiveError.unwritable(path: root.path, reason: error.localizedDescription)
        }
        guard rename(staging.path, root.path) == 0 else {
            throw ArchiveError.unwritable(path: root.path, reason: String(cString: strerror(errno)))
        }
    }
}
