import Datasets
import Foundation
import Learning
import MedicalImaging
import TestSupport

/// Small labelled volumes in files, each unlike the others: a ramp with a bright box that is labelled liver.
struct Cohort {
    let folder: TemporaryDirectory
    let list: Datalist

    var items: [SampleItem] { SampleItem.items(of: [list]) }

    init(_ count: Int, label: UInt8 = Organ.liver.rawValue) throws {
        folder = try TemporaryDirectory()
        let grid = VoxelGrid(shape: SIMD3(26, 24, 22), affine: .diagonal(SIMD3(2, 2, 2)))
        var items: [DatalistItem] = []
        for number in 0..<count {
            var image = Volume<Float>(grid: grid, repeating: 0)
            var labels = LabelMap(grid: grid, repeating: 0)
            for k in 0..<22 {
                for j in 0..<24 {
                    for i in 0..<26 {
                        image[i, j, k] = Float(i + 2 * j - 3 * k + 10 * number)
                        guard (6..<16).contains(i), (6..<16).contains(j), (6..<16).contains(k) else { continue }
                        image[i, j, k] += 60
                        labels[i, j, k] = label
                    }
                }
            }
            try ImageFile.write(image, to: folder.file("ct\(number).nii.gz"))
            try ImageFile.write(labels, to: folder.file("labels\(number).nii.gz"))
            items.append(DatalistItem(image: "ct\(number).nii.gz", label: "labels\(number).nii.gz", labelled: [label]))
        }
        list = Datalist(folder: folder.url, items: items)
    }

    /// A supervised training on 16³ patches.
    var training: TrainingConfiguration {
        var configuration = TrainingConfiguration()
        (configuration.network.hiddenSize, configuration.network.mlpSize) = (24, 48)
        (configuration.network.headCount, configuration.network.layerCount, configuration.network.featureSize) = (2, 4, 4)
        configuration.network.imageShape = [16, 16, 16]
        (configuration.patch.shape, configuration.patch.spacing) = ([16, 16, 16], [2, 2, 2])
        configuration.loop.seed = 7
        return configuration
    }

    /// A pre-training on 32³ crops.
    var pretraining: PretrainingConfiguration {
        var network = training.network.transformer
        network.imageShape = [32, 32, 32]
        var configuration = PretrainingConfiguration(network: network)
        (configuration.volumesPerStep, configuration.cropsPerVolume) = (2, 2)
        return configuration
    }

    /// Options by what differs from the defaults.
    static func options(_ change: (inout CacheOptions) -> Void) -> CacheOptions {
        var options = CacheOptions()
        change(&options)
        return options
    }
}
