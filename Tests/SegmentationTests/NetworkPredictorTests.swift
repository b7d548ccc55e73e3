import MedicalImaging
import Models
import Preprocessing
import Segmentation
import Testing
import Torch

/// Networks with random weights as predictors; one at a time, since LibTorch's threads are shared.
@Suite(.serialized) struct NetworkPredictorTests {
    private func network() throws -> UNETR {
        var configuration = UNETRConfiguration()
        configuration.imageShape = [32, 32, 16]
        configuration.featureSize = 4
        configuration.hiddenSize = 24
        configuration.mlpSize = 48
        configuration.headCount = 4
        configuration.layerCount = 4
        configuration.outChannels = 5
        return try UNETR(configuration, generator: Generator(seed: 3))
    }

    private func windows(_ count: Int) -> [Float] {
        var random = SplitMix(seed: 9)
        return (0..<count * 32 * 32 * 16).map { _ in Float(random.uniform()) }
    }

    @Test func predictsEachWindowOfABatchAsAlone() throws {
        let predictor = try NetworkPredictor(network: network())
        let size = 32 * 32 * 16
        #expect(predictor.windowShape == SIMD3(32, 32, 16) && predictor.channelCount == 5)
        let windows = windows(2)
        let both = try predictor.predict(windows, count: 2)
        let second = try predictor.predict(Array(windows[size...]), count: 1)
        #expect(both.count == 2 * 5 * size)
        // Single precision, summed in another order.
        #expect(zip(both[(5 * size)...], second).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(Set(second.prefix(100)).count > 50)
    }

    @Test(arguments: [Precision.bf16, .fp16])
    func lowerPrecisionStaysClose(precision: Precision) throws {
        let network = try network()
        let windows = windows(1)
        let exact = try NetworkPredictor(network: network).predict(windows, count: 1)
        let rounded = try NetworkPredictor(network: network, precision: precision).predict(windows, count: 1)
        let spread = exact.max()! - exact.min()!
        let worst = zip(exact, rounded).map { abs($0 - $1) }.max()!
        // Eight and eleven bits through some forty layers; a processor without instructions for them computes in single precision.
        #expect(worst < spread * (precision == .bf16 ? 0.2 : 0.05))
        #expect((worst > 0) == (precision.effective(on: .cpu) == precision))
        #expect((precision.remark(on: .cpu) == nil) == (precision.effective(on: .cpu) == precision))
    }

    /// What processors and GPUs with instructions for bfloat16 run.
    @Test func autocastStaysClose() throws {
        let network = try network()
        let input = try Tensor(windows(1), shape: [1, 1] + network.configuration.imageShape)
        let (exact, rounded) = try withoutGradients {
            (try network(input).floats(), try withAutocast(.bfloat16, on: .cpu) { try network(input) }.to(.float32).floats())
        }
        let worst = zip(exact, rounded).map { abs($0 - $1) }.max()!
        #expect(worst < (exact.max()! - exact.min()!) * 0.2)
        #expect(worst > 0)
    }

    @Test func segmentsAVolumeWithoutLeavingTensorsBehind() throws {
        let volume = SegmenterTests.volume(SIMD3(40, 40, 30), .diagonal(SIMD3(1, 1, 1.5)))
        let predictor = try NetworkPredictor(network: network())
        // Of this thread: other suites make tensors at the same time.
        let before = Tensor.liveCountOfThread
        let result = try Segmenter(predictor: predictor, recipe: .abdominalCT).segment(volume)
        #expect(Tensor.liveCountOfThread == before)
        #expect(result.labels.grid == volume.grid)
        #expect(result.windowsRun > 0)
    }
}
