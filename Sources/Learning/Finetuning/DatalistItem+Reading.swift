import Datasets
import MedicalImaging

extension Datalist.Item {
    /// The image and the labels of an item of `list`.
    /// - Throws: `LearningError.sample` when the item names no label, `ImageError` from reading.
    func read(from list: Datalist) throws -> (image: Volume<Float>, labels: LabelMap) {
        guard let label else {
            throw LearningError.sample(name: image, reason: "has no \"label\" in the datalist; supervised training and validation need one")
        }
        return (try ImageFile.read(list.url(image)).volume, try ImageFile.readLabels(list.url(label)).labels)
    }

    /// The labels drawn in the case: as listed, or all but background.
    func drawn(channels: Int = Organ.channelCount) -> Set<UInt8> { Set(labelled ?? Array(1...UInt8(max(1, min(255, channels - 1))))) }
}

extension TrainingVolume {
    /// Reads a labelled volume of a datalist.
    /// - Throws: `LearningError` naming the item, `ImageError` from reading.
    init(_ item: Datalist.Item, of list: Datalist, ignored: UInt8?) throws {
        let (image, labels) = try item.read(from: list)
        try self.init(name: item.image, image: image, labels: labels, labelled: item.drawn(), weight: item.weight ?? 1, ignored: ignored)
    }
}

extension PreparedVolume {
    /// Reads and preprocesses a labelled volume of a datalist.
    /// - Throws: `LearningError` naming the item, `ImageError` from reading, what the recipe throws.
    init(_ item: Datalist.Item, of list: Datalist, configuration: TrainingConfiguration) throws {
        let (image, labels) = try item.read(from: list)
        try self.init(
            name: item.image, image: image, labels: labels, labelled: item.drawn(channels: configuration.network.outChannels),
            weight: item.weight ?? 1, recipe: configuration.preprocessing, shape: configuration.patch.shape,
            ignored: configuration.loss.ignoredLabel)
    }
}
