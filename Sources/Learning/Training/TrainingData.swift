import Datasets
import Foundation
import MedicalImaging

extension TrainingVolume {
    /// Reads the labelled volumes of a datalist.
    /// - Throws: `LearningError` naming the item, `ImageError` from reading.
    public static func load(_ list: Datalist, onVolume: (String) -> Void = { _ in }) throws -> [TrainingVolume] {
        try list.items.map { item in
            guard let label = item.label else {
                throw LearningError.sample(name: item.image, reason: "has no \"label\" in the datalist; supervised training needs one")
            }
            let image = try ImageFile.read(list.url(item.image)).volume
            let labels = try ImageFile.readLabels(list.url(label)).labels
            onVolume(item.image)
            return try TrainingVolume(
                name: item.image, image: image, labels: labels, labelled: Set(item.labelled ?? Organ.allCases.map(\.rawValue)),
                weight: item.weight ?? 1)
        }
    }
}
