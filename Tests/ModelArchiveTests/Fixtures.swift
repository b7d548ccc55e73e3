import Datasets
import Foundation
import MedicalImaging
import ModelArchive
import Models
import Preprocessing
import Segmentation
import TestSupport
import Torch
import Weights

/// Small archives, made for each test.
enum Fixtures {
    /// A UNETR of 32³ windows and 3 channels that takes no time.
    static var network: UNETRConfiguration {
        var network = UNETRConfiguration()
        network.imageShape = [32, 32, 32]
        network.outChannels = 3
        network.featureSize = 4
        network.hiddenSize = 24
        network.mlpSize = 48
        network.headCount = 4
        network.layerCount = 4
        return network
    }

    static var blueprint: ArchiveBlueprint {
        var blueprint = ArchiveBlueprint()
        blueprint.network = network
        blueprint.spacing = [3, 3, 3]
        blueprint.dataRoot = "data"
        blueprint.pretrainingDataRoot = "data"
        blueprint.list = "list.json"
        return blueprint
    }

    /// An archive with two labelled cases.
    static func archive(in folder: TemporaryDirectory) throws -> ArchiveLayout {
        let layout = ArchiveLayout(root: folder.file("mmar"))
        try blueprint.create(at: layout.root)
        let data = layout.root.appending(path: "data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: false)
        var items: [String] = []
        for number in 1...2 {
            let (image, labels) = scan(shift: number)
            try ImageFile.write(image, to: data.appending(path: "case\(number).nii.gz"))
            try ImageFile.write(labels, to: data.appending(path: "truth\(number).nii.gz"))
            items.append(#"{"image": "case\#(number).nii.gz", "label": "truth\#(number).nii.gz"}"#)
        }
        let list = items.joined(separator: ", ")
        let text = #"{"training": [\#(list)], "validation": [\#(list)], "test": ["case1.nii.gz", "case2.nii.gz"]}"#
        try Data(text.utf8).write(to: layout.root.appending(path: "config/list.json"))
        return layout
    }

    /// A block of tissue in air, 40 × 36 × 34 voxels of 3 mm, and its two halves as labels.
    static func scan(shift: Int) -> (Volume<Float>, LabelMap) {
        let affine = Affine(columns: SIMD3(-3, 0, 0), SIMD3(0, -3, 0), SIMD3(0, 0, 3), translation: SIMD3(40, 30, -700))
        let grid = VoxelGrid(shape: SIMD3(40, 36, 34), affine: affine)
        var image = Volume<Float>(grid: grid, repeating: -1000)
        var labels = LabelMap(grid: grid, repeating: 0)
        for k in 4..<30 {
            for j in 4..<32 {
                for i in 4..<(30 + shift) {
                    image[i, j, k] = Float(40 + (i * 7 + j * 5 + k * 3) % 60)
                    labels[i, j, k] = i < 18 ? 1 : 2
                }
            }
        }
        return (image, labels)
    }

    /// A package with random weights.
    static func package() throws -> ModelPackage {
        let recipe = PreprocessingRecipe(
            orientation: "RAS", spacing: [3, 3, 3], intensity: IntensityWindow(lower: -175, upper: 250), cropsForeground: true)
        let network = try UNETR(network, generator: Generator(seed: 1))
        return ModelPackage(network: network, recipe: recipe, classNames: ModelPackage.classNames(channels: 3))
    }

    /// The names that wrappers and MONAI 0.8 give the weights of `package`.
    static func state(prefix: String) throws -> StateDictionary {
        var state = StateDictionary()
        for (name, tensor) in try package().network.stateDictionary().entries { state[prefix + name] = tensor }
        return state
    }

    /// The text of a file of an archive after replacing parts of it.
    static func edit(_ url: URL, _ replacements: [(String, String)]) throws {
        var text = try String(contentsOf: url, encoding: .utf8)
        for (old, new) in replacements {
            precondition(text.contains(old), "\(url.lastPathComponent) does not contain \(old)")
            text = text.replacing(old, with: new)
        }
        try Data(text.utf8).write(to: url)
    }
}
