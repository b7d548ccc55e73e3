import Foundation
import Learning
import Testing
import Torch

/// Golden numbers of specification §10, checked there against MONAI 1.6.1 `ContrastiveLoss`; a[i, j] = sin(1 + 6 i + j), b[i, j] = cos(0.5 (6 i + j)).
@Suite(.serialized) struct PretrainingLossTests {
    private func vectors(_ value: (Double) -> Double) throws -> Tensor { try Tensor((0..<24).map { value(Double($0)) }, shape: [4, 6]) }

    @Test(arguments: [(0.05, 19.38905538849933, 0.9279841952020591), (0.5, 2.9857611490018, 1.7617184986975)])
    func contrastiveLossIsMONAIs(temperature: Double, different: Double, equal: Double) throws {
        let (a, b) = (try vectors { sin(1 + $0) }, try vectors { cos(0.5 * $0) })
        let loss = ContrastiveLoss(temperature: temperature)
        // MONAI holds the temperature in float32, where 0.05 is off by 1.5e-8 of it.
        #expect(abs(try loss(a, b).item() - different) < 1e-6)
        #expect(abs(try loss(a, a).item() - equal) < 1e-6)
    }

    /// exp(1/0.005) overflows single precision; the log-sum-exp does not.
    @Test func aLowTemperatureStaysFinite() throws {
        let (a, b) = (try vectors { sin(1 + $0) }.to(.float32), try vectors { cos(0.5 * $0) }.to(.float32))
        #expect(try ContrastiveLoss(temperature: 0.005)(a, b).item().isFinite)
        #expect(try ContrastiveLoss(temperature: 0.005)(a.to(.bfloat16), b.to(.bfloat16)).item().isFinite)
    }

    /// A gradient by central differences: the loss is smooth, h = 1e-5 leaves an error of about 1e-9.
    @Test func theGradientIsThatOfTheLoss() throws {
        let values = (0..<24).map { sin(1 + Double($0)) }
        let b = try vectors { cos(0.5 * $0) }
        let a = try Tensor(values, shape: [4, 6]).requiringGradient()
        try ContrastiveLoss(temperature: 0.5)(a, b).backward()
        let gradient = try #require(a.gradient).doubles()
        for index in [0, 7, 23] {
            var moved = values
            moved[index] += 1e-5
            let above = try ContrastiveLoss(temperature: 0.5)(Tensor(moved, shape: [4, 6]), b).item()
            moved[index] -= 2e-5
            let below = try ContrastiveLoss(temperature: 0.5)(Tensor(moved, shape: [4, 6]), b).item()
            #expect(abs(gradient[index] - (above - below) / 2e-5) < 1e-7)
        }
    }

    @Test func theTotalIsTheProductAndItsGradientFlowsThroughBoth() throws {
        let clean = try Tensor.full(0.25, [2, 1, 2, 2, 2])
        let first = try Tensor((0..<16).map { Float($0) / 16 }, shape: [2, 1, 2, 2, 2]).requiringGradient()
        let second = try Tensor((0..<16).map { Float(($0 * 5) % 16) / 16 }, shape: [2, 1, 2, 2, 2])
        var objective = PretrainingObjective()
        let product = try objective.loss(first: first, second: second, clean: clean)
        let contrastive = try #require(product.contrastive).item()
        let reconstruction = try product.reconstruction.item()
        // Single precision: a relative rounding of 6e-8 of numbers below 20.
        #expect(abs(try product.total.item() - reconstruction * (1 + contrastive)) < 1e-5)
        try product.total.backward()
        let both = try #require(first.gradient).floats()
        try first.setGradient(nil)
        objective.contrastiveWeight = 0
        let alone = try objective.loss(first: first, second: second, clean: clean)
        #expect(alone.contrastive == nil)
        try alone.total.backward()
        #expect(try #require(first.gradient).floats() != both.map { $0 / Float(1 + contrastive) })
        try first.setGradient(nil)
        objective.contrastiveWeight = 2
        objective.combination = .sum
        let sum = try objective.loss(first: first, second: second, clean: clean)
        #expect(abs(try sum.total.item() - reconstruction - 2 * contrastive) < 1e-5)
    }

    @Test func bothViewsAreRestoredWhereAsked() throws {
        let clean = try Tensor.zeros([1, 1, 1, 1, 2])
        var objective = PretrainingObjective()
        objective.contrastiveWeight = 0
        objective.restoresBothViews = true
        let loss = try objective.loss(
            first: Tensor([1, 2] as [Float], shape: [1, 1, 1, 1, 2]), second: Tensor([3, 5] as [Float], shape: [1, 1, 1, 1, 2]), clean: clean)
        #expect(try loss.total.item() == 2.75)
    }

    @Test func theMaskedLossCountsHiddenVoxelsOnly() throws {
        let output = try Tensor([1, 2, 3, 4] as [Float], shape: [1, 1, 1, 1, 4])
        let loss = try PretrainingObjective().maskedLoss(
            output, clean: .zeros([1, 1, 1, 1, 4]), weights: Tensor([0, 1, 0, 1] as [Float], shape: [1, 1, 1, 1, 4]))
        #expect(try loss.total.item() == 3)
    }
}
