import Foundation

/// Data sets as their publishers hand them out, and where the published splits expect their files.
public enum DatasetLayout: String, Sendable, CaseIterable {
    /// BTCV: `RawData/Training/img`, `RawData/Training/label`, `Testing/img` → `imagesTr`, `labelsTr`, `imagesTs`.
    case btcv
    /// TCIA's COVID-19 volumes, at whatever depth → `data`; DICOM series as the NBIA Data Retriever lays them out are converted.
    case tcia

    /// The splits that are written beside the files.
    public var splits: [PublishedSplit] { self == .tcia ? [.tcia] : [.btcv, .btcv6, .btcv12] }

    /// Which file goes where.
    /// - Parameter source: the folder that was downloaded and unpacked.
    /// - Throws: `DatasetError.layout` when the folder is none of this data set.
    public func plan(_ source: URL) throws(DatasetError) -> PreparationPlan {
        var plan = self == .tcia ? try covidPlan(source) : try btcvPlan(source)
        let placed = Set(plan.placements.map(\.destination))
        let split = splits[0].list(in: source)
        for section in split.sections {
            for item in try split.section(section).items {
                plan.missing += [item.image, item.label].compactMap { $0 }.filter { !placed.contains($0) }
            }
        }
        return plan
    }

    private func btcvPlan(_ source: URL) throws(DatasetError) -> PreparationPlan {
        // Training and test images come in separate downloads, which unpack into one folder or into two.
        let roots = ["", "RawData", "Abdomen/RawData", "averaged-training-images"].map { $0.isEmpty ? source : source.appending(path: $0) }
        var plan = PreparationPlan()
        for (part, folder) in [("Training/img", "imagesTr"), ("Training/label", "labelsTr"), ("Testing/img", "imagesTs")] {
            let found = roots.map { $0.appending(path: part) }.first { !VolumeFolder.volumes(in: $0).isEmpty }
            guard let found else { continue }
            for name in VolumeFolder.volumes(in: found) {
                plan.placements.append(.init(source: found.appending(path: name), destination: "\(folder)/\(name)"))
            }
        }
        guard plan.placements.contains(where: { $0.destination.hasPrefix("imagesTr/") }) else {
            throw .layout(folder: source.path, reason: "holds no RawData/Training/img with volumes; give the folder that BTCV was unpacked into")
        }
        return plan
    }

    private func covidPlan(_ source: URL) throws(DatasetError) -> PreparationPlan {
        var plan = PreparationPlan()
        for file in VolumeFolder.nested(in: source) {
            let name = file.lastPathComponent
            if name.hasPrefix("volume-covid19-") {
                plan.placements.append(.init(source: file, destination: "data/\(name)"))
            } else {
                plan.ignored.append(RelativePath.from(source, to: file))
            }
        }
        let placed = Set(plan.placements.map(\.destination))
        for series in TCIASeries.find(in: source) where !placed.contains("data/\(series.name)") {
            plan.placements.append(.init(source: series.folder, destination: "data/\(series.name)", isSeries: true))
        }
        guard !plan.placements.isEmpty else {
            throw .layout(
                folder: source.path,
                reason: "holds neither volume-covid19-….nii.gz nor folders volume-covid19-…/study/series with DICOM files; give the folder that "
                    + "the volumes of TCIA were downloaded into")
        }
        return plan
    }
}
