import Segmentation
import Testing

@Suite struct BlendingTests {
    private let window = SIMD3(96, 96, 96)

    private func weight(_ weights: [Float], _ x: Int, _ y: Int, _ z: Int) -> Float { weights[(x * 96 + y) * 96 + z] }

    @Test func constantIsOne() {
        #expect(Blending.constant.weights(for: SIMD3(2, 3, 4)) == [Float](repeating: 1, count: 24))
    }

    /// Values of MONAI 1.5.
    @Test func gaussianAsTheReference() {
        let weights = Blending.gaussian.weights(for: window)
        #expect(abs(weight(weights, 48, 48, 48) - 0.99740) < 1e-5)
        #expect(weight(weights, 0, 0, 0) == 1e-3)
        #expect(abs(weight(weights, 3, 48, 48) - 1.03061e-3) < 1e-8)
        #expect(weights.min() == 1e-3)
    }

    /// Values of MONAI 0.8.1.
    @Test func legacyGaussianAsTheReference() {
        let weights = Blending.gaussianLegacy.weights(for: window)
        #expect(weight(weights, 48, 48, 48) == 1)
        #expect(abs(weight(weights, 47, 47, 47) - 0.98964) < 1e-5)
        #expect(abs(weight(weights, 0, 48, 48) / 3.3716e-4 - 1) < 1e-4)
        #expect(abs(weight(weights, 0, 0, 0) / 3.83e-11 - 1) < 2e-3)
    }

    @Test(arguments: Blending.allCases)
    func weightsArePositive(blending: Blending) {
        for window in [SIMD3(1, 1, 1), SIMD3(5, 2, 9), SIMD3(16, 33, 4)] {
            let weights = blending.weights(for: window)
            #expect(weights.count == window.x * window.y * window.z)
            #expect(weights.allSatisfy { $0 > 0 && $0 <= 1 })
        }
    }

    @Test func lastAxisRunsFastest() {
        let weights = Blending.gaussian.weights(for: SIMD3(1, 1, 9))
        #expect(weights[4] == 1)
        #expect(weights[3] < 1 && weights[3] == weights[5])
    }
}
