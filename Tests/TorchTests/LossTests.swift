import Foundation
import Testing
import Torch

extension TorchSuite {
    @Suite struct FusedLoss {
        /// The loss written out in tensors.
        private func oracle(_ logits: Tensor, _ labels: Tensor, drawn: Tensor, weights: Tensor) throws -> Tensor {
            let (batch, channels) = (logits.shape[0], logits.shape[1])
            let mask = try drawn.reshaped(to: [batch, channels, 1, 1, 1])
            let probabilities = try logits.softmax(axis: 1)
            let organs = try probabilities * mask
            let background = try (probabilities * (1 - mask)).sum(axes: [1], keepingAxes: true) + organs.narrowed(axis: 1, start: 0, length: 1)
            let merged = try Tensor.concatenated([background, organs.narrowed(axis: 1, start: 1, length: channels - 1)], axis: 1)
            let target = try labels.oneHot(classes: channels).permuted([0, 4, 1, 2, 3]).to(.float32)
            let overlap = try (merged * target).sum(axes: [2, 3, 4])
            let mass = try (merged + target).sum(axes: [2, 3, 4])
            let dice = try ((1 - (2 * overlap + 1e-5) / (mass + 1e-5)) * drawn * weights).sum() / drawn.sum()
            let voxelWeights = try (target * weights.reshaped(to: [1, channels, 1, 1, 1])).sum(axes: [1])
            return try dice - ((merged * target).sum(axes: [1]).log() * voxelWeights).sum() / voxelWeights.sum()
        }

        @Test(
            arguments: [
                (3, [3, 3, 3], [1, 1, 1, 1, 1, 1]), (4, [5, 4, 7], [1, 0, 1, 1, 1, 1, 1, 0]), (14, [2, 9, 1], [Int](repeating: 1, count: 28)),
            ] as [(Int, [Int], [Int])])
        func equalsTheFormula(channels: Int, shape: [Int], drawn: [Int]) throws {
            let start = try Tensor.randn([2, channels] + shape, deviation: 3, generator: Generator(seed: 1))
            let mask = try Tensor(drawn.map(Float.init), shape: [2, channels])
            let count = 2 * shape.reduce(1, *)
            // Undrawn classes carry no label.
            let values: [Int64] = (0..<count).map { index in
                let label = (index * 7 + index / 3) % channels
                return drawn[(index / (count / 2)) * channels + label] == 0 ? 0 : Int64(label)
            }
            let labels = try Tensor(values, shape: [2] + shape)
            let weights = try Tensor((0..<channels).map { 0.25 + 0.5 * Float($0 % 4) })
            let (fused, plain) = (try start.cloned().requiringGradient(), try start.cloned().requiringGradient())
            let value = try fused.diceCrossEntropy(labels, drawn: mask, classWeights: weights)
            let expected = try oracle(plain, labels, drawn: mask, weights: weights)
            #expect(try abs(value.total.item() - expected.item()) < 2e-6)
            #expect(try abs(value.dice.item() + value.crossEntropy.item() - expected.item()) < 2e-6)
            try (value.total * 2).backward()
            try (expected * 2).backward()
            let (found, wanted) = (try #require(fused.gradient), try #require(plain.gradient))
            #expect(try (found - wanted).norm().item() < 3e-6 * wanted.norm().item())
        }

        /// Values of MONAI 1.6.1 in float64 for the same numbers.
        @Test func equalsMONAI() throws {
            var logits: [Float] = []
            var labels: [UInt8] = []
            for b in 0..<2 {
                for c in 0..<3 {
                    for voxel in 0..<27 {
                        let (i, j, k) = (voxel / 9, voxel / 3 % 3, voxel % 3)
                        let phase = Double(b + 2 * c) + 0.3 * Double(i) + 0.7 * Double(j) + 1.1 * Double(k)
                        logits.append(Float(sin(phase)))
                        if c == 0 { labels.append(UInt8((b + i + 2 * j + k) % 3)) }
                    }
                }
            }
            let value = try Tensor(logits, shape: [2, 3, 3, 3, 3]).diceCrossEntropy(Tensor(labels, shape: [2, 3, 3, 3]))
            #expect(try abs(value.total.item() - 2.0163442268209857) < 1e-6)
            #expect(try abs(value.dice.item() - 0.6793445133293626) < 1e-6)
        }

        @Test func ignoredVoxelsCountForNothing() throws {
            let logits = try Tensor.randn([1, 3, 4, 1, 1], generator: Generator(seed: 2))
            let whole = try logits.diceCrossEntropy(Tensor([0, 1, 255, 255] as [UInt8], shape: [1, 4, 1, 1]), ignoredLabel: 255)
            let part = try logits.narrowed(axis: 2, start: 0, length: 2).diceCrossEntropy(Tensor([0, 1] as [UInt8], shape: [1, 2, 1, 1]))
            #expect(try abs(whole.total.item() - part.total.item()) < 1e-6)
            #expect(throws: TorchError.self) { try logits.diceCrossEntropy(Tensor([0, 1, 3, 0] as [UInt8], shape: [1, 4, 1, 1])) }
            #expect(throws: TorchError.self) {
                try logits.diceCrossEntropy(Tensor([255, 255, 255, 255] as [UInt8], shape: [1, 4, 1, 1]), ignoredLabel: 255)
            }
        }
    }
}
