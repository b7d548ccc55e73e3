import Datasets
import MedicalImaging
import Preprocessing

extension Datalist.Item {
    /// The image and the labels of an item of `list`, the labels with their voxel axes in the image's order.
    /// - Throws: `LearningError.sample` when the item names no label, `ImageError` from reading.
    func read(from list: Datalist) throws -> (image: Volume<Float>, labels: LabelMap) {
        guard let label else {
            throw LearningError.sample(name: image, reason: "has no \"label\" in the datalist; supervised training and validation need one")
        }
        let volume = try ImageFile.read(list.url(image)).volume
        return (volume, try ImageFile.readLabels(list.url(label)).labels.reordered(like: volume.grid))
    }

    /// The labels drawn in the case: as listed, or all but background.
    func drawn(channels: Int) -> Set<UInt8> { Set(labelled ?? Array(1...UInt8(max(1, min(255, channels - 1))))) }
}

extension SampleItem {
    /// The image.
    func image() throws -> Volume<Float> {
        let (list, item) = place
        return try ImageFile.read(list.url(item.image)).volume
    }

    /// The image and the labels.
    func labelledImage() throws -> (image: Volume<Float>, labels: LabelMap) {
        let (list, item) = place
        return try item.read(from: list)
    }

    /// The labels drawn in the case.
    func labelled(channels: Int) -> Set<UInt8> { place.item.drawn(channels: channels) }

    private var place: (list: Datalist, item: DatalistItem) {
        guard let source else { preconditionFailure("\(name) is at hand and has no file") }
        return source
    }
}
