// Uses each library product once, through its public interface only.
import Foundation
import MedicalImaging
import Models
import Torch
import TorchNN
import Weights

func expect(_ condition: Bool, _ what: String) {
    guard condition else {
        print("consumer: \(what) does not hold")
        exit(1)
    }
}

let grid = VoxelGrid(shape: [4, 3, 2], affine: .identity)
let volume = Volume<Float>(grid: grid, repeating: -1000)
expect(volume.voxels.count == 24, "a 4×3×2 volume has 24 voxels")

let ones = try Tensor.ones([2, 3])
let product = try ones.matmul(ones.transposed(0, 1))
expect(try product.floats() == [3, 3, 3, 3], "ones[2, 3] × ones[3, 2] = 3")

let model = try UNETR(.tiny, generator: Generator(seed: 1))
expect(model.parameterCount > 100_000, "a tiny UNETR has parameters")

let stored = try StateDictionary([("a", StoredTensor(floats: [1, 2], shape: [2]))])
expect(stored["a"]?.floats() == [1, 2], "a stored tensor reads back")
print("consumer: builds, links and runs on Viscera's libraries")
