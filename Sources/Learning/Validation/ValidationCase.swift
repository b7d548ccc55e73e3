import Datasets
import Evaluation
import Foundation
import MedicalImaging
import Preprocessing

/// A labelled volume made ready to be segmented and scored, on the grid that the network sees and on the file's own.
public struct ValidationCase: Sendable {
    /// What tables call it.
    public let name: String
    /// The labels that were drawn in this volume; the others are not scored.
    public let labelled: Set<UInt8>
    /// The preprocessed volume and the way back.
    let processed: PreprocessedVolume
    /// The labels on its grid (nearest).
    let processedLabels: LabelMap
    /// The labels as they are in the file, on the image's grid.
    let originalLabels: LabelMap

    /// Voxels of the volume that the network sees.
    var voxelCount: Int { processed.volume.grid.count }

    /// - Throws: `LearningError.sample` for labels on another grid or of no known class, what the recipe throws.
    public init(name: String, image: Volume<Float>, labels: LabelMap, labelled: Set<UInt8>, recipe: PreprocessingRecipe) throws {
        try requireOneGrid(name: name, image: image.grid, labels: labels.grid)
        try requireKnownLabels(name: name, labels.voxels, labelled: labelled)
        self.name = name
        self.labelled = labelled
        (processed, processedLabels) = try recipe.apply(to: image, labels: labels)
        originalLabels = labels
    }

    /// The file's name without folder and endings.
    static func name(of path: String) -> String {
        let file = URL(filePath: path).lastPathComponent
        return String(file.prefix { $0 != "." })
    }
}

extension ValidationCase: CachedSample {
    public var heldBytes: Int { processed.volume.voxels.count * 4 + processedLabels.voxels.count + originalLabels.voxels.count }

    public var isLabelled: Bool { originalLabels.voxels.contains { $0 != 0 } }

    /// Reading of labelled images by a recipe.
    public static func reader(_ recipe: PreprocessingRecipe, channels: Int = Organ.channelCount) -> SampleReader<ValidationCase> {
        // Cases are not stored on disk: each is used once a validation.
        SampleReader { item in
            let labelled = item.labelled(channels: channels)
            try requireChannels(name: item.name, labelled, channels: channels)
            let (image, labels) = try item.labelledImage()
            do {
                return try ValidationCase(name: Self.name(of: item.name), image: image, labels: labels, labelled: labelled, recipe: recipe)
            } catch let error as PreprocessingError {
                throw LearningError.sample(name: item.name, reason: "\(error); correct the files or take them out of the datalist")
            }
        }
    }
}
