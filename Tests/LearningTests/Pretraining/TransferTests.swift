import Foundation
import Learning
import Models
import TestSupport
import Testing
import Torch
import TorchNN
import Weights

@Suite(.serialized) struct TransferTests {
    /// Sizes of a small encoder of 2 blocks on 32³.
    private func sizes(_ imageShape: [Int] = [32, 32, 32]) -> VisionTransformerConfiguration {
        var sizes = VisionTransformerConfiguration()
        (sizes.imageShape, sizes.hiddenSize, sizes.mlpSize, sizes.headCount, sizes.layerCount) = (imageShape, 24, 48, 4, 2)
        return sizes
    }

    private func state(_ module: some Module, prefix: String = "") throws -> StateDictionary {
        try StateDictionary(try module.stateDictionary().entries.map { (prefix + $0.name, $0.tensor) })
    }

    /// 3 patch-embedding tensors, 11 a block, 2 of the norm (specification §2: 137 for 12 blocks).
    @Test(arguments: ["", "module.", "module.backbone.", "vit."]) func theEncoderIsCopiedUnderAnyPrefix(prefix: String) throws {
        let source = try ViTAutoencoder(sizes(), generator: Generator(seed: 1))
        let target = try VisionTransformer(sizes(), generator: Generator(seed: 2))
        let module: any Module = prefix == "vit." ? source.transformer : source
        let report = try WeightTransfer(state(module, prefix: prefix), file: "file").apply(to: target)
        #expect(report.copied.count == 3 + 11 * 2 + 2)
        #expect(report.missing.isEmpty)
        #expect(report.skipped.map(\.name).filter { $0.hasPrefix("conv3d_transpose") }.count == (prefix == "vit." ? 0 : 4))
        for ((name, one), (_, other)) in zip(source.transformer.namedParameters(), target.namedParameters()) {
            #expect(try one.detached().floats() == other.detached().floats(), "\(name)")
        }
    }

    @Test func theConvolutionalPartOfAUNETRIsLeftOut() throws {
        var configuration = UNETRConfiguration()
        (configuration.imageShape, configuration.hiddenSize, configuration.mlpSize) = ([32, 32, 32], 24, 48)
        (configuration.headCount, configuration.layerCount, configuration.featureSize) = (4, 4, 4)
        let source = try UNETR(configuration, generator: Generator(seed: 1))
        let target = try VisionTransformer(configuration.transformer, generator: Generator(seed: 2))
        let report = try WeightTransfer(state(source), file: "file").apply(to: target)
        #expect(report.isComplete)
        #expect(report.skipped.allSatisfy { $0.reason.contains("UNETR") })
        #expect(report.description.contains("copied 49"))
    }

    @Test func nothingCopiedIsAnErrorThatChangesNothing() throws {
        let target = try VisionTransformer(sizes(), generator: Generator(seed: 2))
        let before = try target.norm.weight.detached().floats()
        let foreign = try StateDictionary([("unknown.weight", StoredTensor(floats: [1, 2], shape: [2]))])
        let error = #expect(throws: LearningError.self) { try WeightTransfer(foreign, file: "foreign.pt").apply(to: target) }
        #expect(error?.description.contains("foreign.pt") == true)
        #expect(error?.description.contains("not one tensor") == true)
        var wide = sizes()
        wide.hiddenSize = 48
        wide.mlpSize = 96
        let other = try ViTAutoencoder(wide)
        #expect(throws: LearningError.self) { try WeightTransfer(state(other), file: "wide.pt").apply(to: target) }
        #expect(try target.norm.weight.detached().floats() == before)
    }

    @Test func whatIsMissingIsReported() throws {
        let source = try VisionTransformer(sizes(), generator: Generator(seed: 1))
        var deeper = sizes()
        deeper.layerCount = 3
        let report = try WeightTransfer(state(source), file: "file").apply(to: VisionTransformer(deeper))
        #expect(report.missing.count == 11)
        #expect(!report.isComplete)
        #expect(report.description.contains("missing 11"))
        #expect(report.description.contains("blocks.2."))
    }

    /// torch.nn.functional.interpolate(trilinear, align_corners=False) of a linear ramp is linear inside and constant beyond the outer centres.
    @Test func positionsOfAnotherGridAreInterpolated() throws {
        let source = try VisionTransformer(sizes(), generator: Generator(seed: 1))
        var ramp: [Float] = []
        for token in 0..<8 { for channel in 0..<24 { ramp.append(Float(token / 4 + 10 * (token % 2) + channel)) } }
        try source.patchEmbedding.positionEmbeddings.assign(Tensor(ramp, shape: [1, 8, 24]))
        let target = try VisionTransformer(sizes([64, 32, 64]), generator: Generator(seed: 2))
        let report = try WeightTransfer(state(source), file: "file").apply(to: target)
        #expect(report.isComplete)
        #expect(report.adapted.first?.reason.contains("[2, 2, 2] to [4, 2, 4]") == true)
        let positions = try target.patchEmbedding.positionEmbeddings.detached().floats()
        let along: [Float] = [0, 0.25, 0.75, 1]
        for x in 0..<4 {
            for z in 0..<4 {
                let token = (x * 2 + 1) * 4 + z
                // Sums of quarters are exact in single precision.
                #expect(positions[token * 24 + 5] == along[x] + 10 * along[z] + 5)
            }
        }
    }

    @Test func linearPatchProjectionsBecomeConvolutionsAndBack() throws {
        var linear = sizes()
        linear.patchProjection = .perceptron
        let perceptron = try VisionTransformer(linear, generator: Generator(seed: 1))
        let convolution = try VisionTransformer(sizes(), generator: Generator(seed: 2))
        let there = try WeightTransfer(state(perceptron), file: "file").apply(to: convolution)
        #expect(there.isComplete && !there.adapted.isEmpty)
        let image = try Tensor.randn([1, 1, 32, 32, 32], generator: Generator(seed: 3))
        let expected = try withoutGradients { try perceptron(image).tokens.floats() }
        let found = try withoutGradients { try convolution(image).tokens.floats() }
        // The same sums in another order.
        #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 })
        let back = try VisionTransformer(linear, generator: Generator(seed: 4))
        #expect(try WeightTransfer(state(convolution), file: "file").apply(to: back).isComplete)
        #expect(try back.patchEmbedding.perceptron?.weight.detached().floats() == perceptron.patchEmbedding.perceptron?.weight.detached().floats())
    }

    @Test func filesAreRead() throws {
        let folder = try TemporaryDirectory()
        let source = try ViTAutoencoder(sizes(), generator: Generator(seed: 1))
        try WeightFile.writeTorchCheckpoint(state(source, prefix: "module."), to: folder.file("best.pt"), entry: "state_dict")
        let report = try WeightTransfer(contentsOf: folder.file("best.pt")).apply(to: VisionTransformer(sizes()))
        #expect(report.isComplete)
        #expect(report.strippedPrefixes == ["module."])
    }
}
