import Foundation

/// The cases in a folder without a list.
public enum VolumeFolder {
    /// Finds the cases: images in `imagesTr` (or `images`) with label maps of the same number in `labelsTr` (or `labels`), images in `imagesTs`;
    /// without such folders every volume at whatever depth, without labels.
    /// - Returns: a list at `folder`/dataset.json, not written, with the sections `training` and, given `imagesTs`, `test`.
    /// - Throws: `DatasetError.layout` when there are no volumes.
    public static func list(_ folder: URL) throws(DatasetError) -> DatalistFile {
        var list = DatalistFile(url: folder.appending(path: "dataset.json"))
        let images = ["imagesTr", "images"].first { !volumes(in: folder.appending(path: $0)).isEmpty }
        if let images {
            let labels = images == "imagesTr" ? "labelsTr" : "labels"
            let known = Set(volumes(in: folder.appending(path: labels)))
            list.setSection(
                "training",
                volumes(in: folder.appending(path: images)).map { name in
                    let candidates = [name, name.replacing("img", with: "label", maxReplacements: 1)]
                    return DatalistItem(image: "\(images)/\(name)", label: candidates.first(where: known.contains).map { "\(labels)/\($0)" })
                })
            let tests = volumes(in: folder.appending(path: "imagesTs"))
            if !tests.isEmpty { list.setSection("test", tests.map { DatalistItem(image: "imagesTs/\($0)") }) }
            return list
        }
        let found = nested(in: folder)
        guard !found.isEmpty else {
            throw .layout(folder: folder.path, reason: "holds no volumes: expected imagesTr and labelsTr, or files ending in .nii.gz")
        }
        list.setSection("training", found.map { DatalistItem(image: RelativePath.from(folder, to: $0)) })
        return list
    }

    /// The names of the volumes directly in a folder, sorted; none when there is no such folder.
    package static func volumes(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter(VolumeName.isVolume).sorted()
    }

    /// The volumes in a folder and below, sorted by path; links to folders are not followed.
    package static func nested(in folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
        let files = found?.compactMap { $0 as? URL }.filter { VolumeName.isVolume($0.lastPathComponent) } ?? []
        return files.sorted { $0.path < $1.path }
    }
}
