import Foundation
import Learning
import Testing
import Torch

@Suite(.serialized) struct DiceCrossEntropyTests {
    /// logits[b,c,i,j,k] = sin(b+2c+0.3i+0.7j+1.1k), shape 2×3×3×3×3; label = (b+i+2j+k) mod 3 (specification §10).
    private func golden() throws -> (logits: Tensor, labels: Tensor) {
        var logits: [Double] = []
        var labels: [Int64] = []
        for b in 0..<2 {
            for c in 0..<3 {
                for i in 0..<3 {
                    for j in 0..<3 {
                        for k in 0..<3 { logits.append(sin(Double(b + 2 * c) + 0.3 * Double(i) + 0.7 * Double(j) + 1.1 * Double(k))) }
                    }
                }
            }
            for i in 0..<3 {
                for j in 0..<3 {
                    for k in 0..<3 { labels.append(Int64((b + i + 2 * j + k) % 3)) }
                }
            }
        }
        return (try Tensor(logits, shape: [2, 3, 3, 3, 3]), try Tensor(labels, shape: [2, 3, 3, 3]))
    }

    @Test func matchesTheGoldenVector() throws {
        let (logits, labels) = try golden()
        let value = try DiceCrossEntropy()(logits, labels: labels)
        #expect(abs(try value.total.item() - 2.0163442268209857) < 1e-9)
        #expect(abs(try value.dice.item() - 0.6793445133293626) < 1e-9)
    }

    @Test func everyClassDrawnIsTheOrdinaryLoss() throws {
        let (logits, labels) = try golden()
        let value = try DiceCrossEntropy()(logits, labels: labels, drawn: Tensor.ones([2, 3], dtype: .float64))
        #expect(abs(try value.total.item() - 2.0163442268209857) < 1e-5)
    }

    @Test func anUnlabelledClassCountsAsBackground() throws {
        // Class 2 is unlabelled: moving logit mass between background and class 2 must not change the loss.
        let labels = try Tensor([Int64](repeating: 0, count: 8), shape: [1, 2, 2, 2])
        let drawn = try Tensor([1.0, 1.0, 0.0], shape: [1, 3])
        func loss(background: Double, hidden: Double) throws -> Double {
            let probabilities = [background, 0.2, hidden].flatMap { [Double](repeating: Foundation.log($0), count: 8) }
            let logits = try Tensor(probabilities, shape: [1, 3, 2, 2, 2])
            return try DiceCrossEntropy()(logits, labels: labels, drawn: drawn).total.item()
        }
        #expect(abs(try loss(background: 0.7, hidden: 0.1) - loss(background: 0.1, hidden: 0.7)) < 1e-9)
        let ordinary = try DiceCrossEntropy()(
            Tensor([0.1, 0.2, 0.7].flatMap { [Double](repeating: Foundation.log($0), count: 8) }, shape: [1, 3, 2, 2, 2]), labels: labels)
        #expect(try ordinary.total.item() > loss(background: 0.1, hidden: 0.7) + 0.5)
    }

    @Test func gradientsOfUnlabelledClassesFlowToTheBackground() throws {
        let logits = try Tensor([Double](repeating: 0, count: 24), shape: [1, 3, 2, 2, 2])
        _ = try logits.requiringGradient()
        let labels = try Tensor([Int64](repeating: 1, count: 8), shape: [1, 2, 2, 2])
        try DiceCrossEntropy()(logits, labels: labels, drawn: Tensor([1.0, 1.0, 0.0], shape: [1, 3])).total.backward()
        let gradient = try #require(logits.gradient).doubles()
        #expect(abs(gradient[0] - gradient[16]) < 1e-12, "background and the unlabelled class are pushed down alike")
        #expect(gradient[8] < 0)
    }
}
