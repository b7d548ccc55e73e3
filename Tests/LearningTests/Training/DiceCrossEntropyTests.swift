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

    /// One choice of options with what MONAI 1.6.1 computes in float64 on the golden input: the loss and its gradient at logits 0 and 100
    /// (`DiceCELoss(to_onehot_y=True, softmax=True, …)`, `backward()`).
    struct Variant: CustomTestStringConvertible {
        var testDescription: String
        var total: Double
        var gradient: [Double]
        var change: @Sendable (inout LossOptions) -> Void
    }

    static let variants = [
        Variant(testDescription: "defaults", total: 2.016344226820986, gradient: [-0.016711302437780, 0.009560936418359]) { _ in },
        Variant(testDescription: "without background", total: 2.041158795870118, gradient: [-0.014658084411656, 0.008981344751710]) {
            $0.includesBackground = false
        },
        Variant(testDescription: "squared", total: 1.902170779815400, gradient: [-0.018349730473336, 0.010211964014249]) {
            ($0.squaresPrediction, $0.numeratorSmoothing, $0.denominatorSmoothing) = (true, 0, 1e-6)
        },
        Variant(testDescription: "Jaccard", total: 2.144713020202672, gradient: [-0.015984499810174, 0.009140644154997]) { $0.usesJaccard = true },
        Variant(testDescription: "batch", total: 2.014700290325444, gradient: [-0.016923320640835, 0.009512416750323]) { $0.sumsOverBatch = true },
        Variant(testDescription: "batch, squared, no background", total: 1.932690647106897, gradient: [-0.015512917862727, 0.009163583394394]) {
            ($0.sumsOverBatch, $0.squaresPrediction, $0.includesBackground) = (true, true, false)
            ($0.numeratorSmoothing, $0.denominatorSmoothing) = (0, 1e-6)
        },
        Variant(testDescription: "weights", total: 2.131473997761645, gradient: [-0.007729677065546, 0.007383862784968]) {
            $0.classWeights = [0.5, 1, 2]
        },
        Variant(testDescription: "weights, no background", total: 2.370907869877704, gradient: [-0.006884093566474, 0.006904619169097]) {
            ($0.classWeights, $0.includesBackground) = ([0.5, 1, 2], false)
        },
        Variant(testDescription: "lambdas", total: 2.843835555315587, gradient: [-0.028384442551892, 0.017003455794904]) {
            ($0.diceWeight, $0.crossEntropyWeight) = (0.25, 2)
        },
        Variant(testDescription: "label smoothing", total: 2.016243099824808, gradient: [-0.015476734536546, 0.008943652467742]) {
            $0.labelSmoothing = 0.1
        },
        Variant(testDescription: "all at once", total: 2.550890896206732, gradient: [-0.008336044731337, 0.010119744965857]) {
            ($0.classWeights, $0.includesBackground, $0.usesJaccard) = ([0.5, 1, 2], false, true)
            ($0.squaresPrediction, $0.sumsOverBatch, $0.labelSmoothing) = (true, true, 0.1)
            ($0.diceWeight, $0.crossEntropyWeight) = (0.5, 1.5)
        },
    ]

    @Test(arguments: variants) func optionsMeanWhatMONAIMeans(variant: Variant) throws {
        let (logits, labels) = try golden()
        try logits.requiringGradient()
        var options = LossOptions()
        variant.change(&options)
        try options.validate(channels: 3)
        let value = try DiceCrossEntropy(options)(logits, labels: labels)
        try value.total.backward()
        let gradient = try #require(logits.gradient).doubles()
        // Ours is float64 throughout; MONAI makes one-hot labels in float32 and squares their rooted sums, which rounds at 6e-8.
        #expect(abs(try value.total.item() - variant.total) < 1e-7)
        #expect(abs(gradient[0] - variant.gradient[0]) < 1e-9)
        #expect(abs(gradient[100] - variant.gradient[1]) < 1e-9)
    }

    @Test(arguments: [nil, UInt8(2)]) func theFusedPassEqualsTheComposition(ignored: UInt8?) throws {
        let (golden, known) = try golden()
        let drawn = try Tensor([1, 1, 0, 1, 1, 1] as [Float], shape: [2, 3])
        // Class 2 is undrawn in the first sample, where it then cannot be a label.
        let labels = try Tensor(known.int64s().enumerated().map { $0 < 27 && $1 == 2 ? 0 : $1 }, shape: [2, 3, 3, 3])
        var options = LossOptions()
        options.ignoredLabel = ignored
        for mask in [nil, drawn] {
            var found: [(total: Double, gradient: [Float])] = []
            for isFused in [true, false] {
                let logits = try golden.to(.float32).cloned().requiringGradient()
                let loss = DiceCrossEntropy(options)
                let value = isFused ? try loss(logits, labels: labels, drawn: mask) : try loss.composed(logits, labels: labels, drawn: mask)
                try value.total.backward()
                found.append((try value.total.item(), try #require(logits.gradient).contiguous().floats()))
            }
            // float32 sums over 54 voxels; the composition adds 1e-7 within the logarithm where classes are undrawn.
            #expect(abs(found[0].total - found[1].total) < 2e-5)
            for (one, other) in zip(found[0].gradient, found[1].gradient) { #expect(abs(one - other) < 2e-6) }
        }
    }

    @Test func ignoredVoxelsCountForNothing() throws {
        let (logits, labels) = try golden()
        var options = LossOptions()
        (options.ignoredLabel, options.labelSmoothing) = (255, 0.1)
        let loss = DiceCrossEntropy(options)
        let first = try labels.narrowed(axis: 1, start: 0, length: 2)
        let part = try loss(logits.narrowed(axis: 2, start: 0, length: 2), labels: first).total.item()
        let masked = try Tensor.concatenated([first, Tensor.full(255, [2, 1, 3, 3], dtype: .int64)], axis: 1)
        #expect(abs(try loss(logits, labels: masked).total.item() - part) < 1e-12)
        #expect(abs(try loss(logits, labels: labels).total.item() - part) > 1e-3)
    }

    @Test func aBadOptionNamesItsKey() {
        var options = LossOptions()
        options.classWeights = [1, 2]
        #expect(throws: LearningError.configuration(keyPath: "loss.classWeights", reason: "expected one weight per class, 3, found 2")) {
            try options.validate(channels: 3)
        }
    }
}
