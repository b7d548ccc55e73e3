import Foundation
import MedicalImaging
import Models
import Preprocessing
import TestSupport
import Torch
import Weights

/// Small inputs, made for each test.
enum Fixtures {
    /// A volume of 24 × 20 × 16 voxels of 3 mm: a soft ball in air.
    static func ball() -> Volume<Float> {
        let grid = VoxelGrid(
            shape: SIMD3(24, 20, 16),
            affine: Affine(columns: SIMD3(-3, 0, 0), SIMD3(0, -3, 0), SIMD3(0, 0, 3), translation: SIMD3(40, 30, -700)))
        var volume = Volume<Float>(grid: grid, repeating: -1000)
        for k in 0..<16 {
            for j in 0..<20 {
                for i in 0..<24 where distance(i, j, k) < 7 { volume[i, j, k] = Float(40 + (i * 7 + j * 5 + k * 3) % 60) }
            }
        }
        return volume
    }

    /// A liver in the right half of the ball, a spleen in the left.
    static func ballLabels() -> LabelMap {
        var labels = LabelMap(grid: ball().grid, repeating: 0)
        for k in 0..<16 {
            for j in 0..<20 {
                // The voxel axis runs to the left.
                for i in 0..<24 where distance(i, j, k) < 6 { labels[i, j, k] = i < 12 ? Organ.liver.rawValue : Organ.spleen.rawValue }
            }
        }
        return labels
    }

    private static func distance(_ i: Int, _ j: Int, _ k: Int) -> Double {
        let offset = SIMD3(Double(i) - 12, Double(j) - 10, Double(k) - 8)
        return (offset * offset).sum().squareRoot()
    }

    /// A UNETR of 32³ windows with random weights, as a weight file of the tool.
    static func writeModel(to url: URL) throws {
        var configuration = UNETRConfiguration()
        configuration.imageShape = [32, 32, 32]
        configuration.featureSize = 4
        configuration.hiddenSize = 24
        configuration.mlpSize = 48
        configuration.headCount = 2
        configuration.layerCount = 4
        let network = try UNETR(configuration, generator: Generator(seed: 1))
        let recipe = PreprocessingRecipe(orientation: "RAS", spacing: [3, 3, 3], intensity: IntensityWindow(lower: -175, upper: 250))
        let encoder = JSONEncoder()
        var state = StateDictionary(metadata: [
            "format": "viscera/1",
            "architecture": String(decoding: try encoder.encode(configuration), as: UTF8.self),
            "recipe": String(decoding: try encoder.encode(recipe), as: UTF8.self),
        ])
        for (name, tensor) in network.namedParameters() { state[name] = StoredTensor(floats: try tensor.detached().floats(), shape: tensor.shape) }
        try WeightFile.writeSafetensors(state, to: url)
    }

    /// The files in a folder and below, hidden ones included, by name.
    static func files(in folder: URL) -> [String] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { ($0 as? URL)?.lastPathComponent }
        return (found ?? []).sorted()
    }
}
