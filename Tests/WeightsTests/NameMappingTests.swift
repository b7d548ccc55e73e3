import Foundation
import Testing
import Weights

@Suite struct NameMappingTests {
    /// Tensor counts of UNETR and ViTAutoEnc (12 layers) as built by MONAI 0.8.1, 0.9.1, 1.5.1 and 1.6.1.
    @Test(arguments: zip(MONAIGeneration.allCases, [(174, 142), (170, 141), (254, 225), (194, 165)]))
    func exportAddsWhatTheGenerationExpectsAndImportDropsIt(generation: MONAIGeneration, counts: (unetr: Int, autoencoder: Int)) throws {
        for (kind, count) in [(Architecture.Kind.unetr, counts.unetr), (.vitAutoencoder, counts.autoencoder)] {
            let state = SampleNetwork.state(SampleNetwork.architecture(kind))
            let exported = try generation.export(state)
            #expect(exported.state.count == count)
            #expect(exported.report.added.count == count - state.count)
            #expect(try generation.export(state).state == exported.state)
            let imported = try NameMapping.canonical(exported.state)
            #expect(imported.state == state)
            #expect(imported.report.generation == generation)
            #expect(imported.report.dropped.map(\.name).sorted() == exported.report.added.map(\.name).sorted())
        }
    }

    /// Names and shapes printed by `UNETR(...).state_dict()` of the version in question, hidden size 64, feature size 4.
    @Test func addedTensorsHaveMONAIsNamesAndShapes() throws {
        let state = SampleNetwork.state(SampleNetwork.architecture())
        let old = try MONAIGeneration.monai08.export(state).state
        #expect(old["vit.patch_embedding.cls_token"]?.shape == [1, 1, 64])
        for name in ["encoder2.blocks.0", "encoder2.blocks.1"] { #expect(old["\(name).1.conv3.conv.weight"]?.shape == [8, 8, 1, 1, 1]) }
        #expect(old["encoder3.blocks.0.1.conv3.conv.weight"]?.shape == [16, 16, 1, 1, 1])
        let middle = try MONAIGeneration.monai14to15.export(state).state
        for name in ["to_q.weight", "to_k.weight", "to_v.weight", "out_proj.weight"] {
            let values = try middle.tensor("vit.blocks.11.cross_attn.\(name)").floats()
            #expect(values.count == 4096 && values.allSatisfy { abs($0) <= 0.125 } && Set(values).count > 4000)
        }
        #expect(middle["vit.blocks.0.cross_attn.out_proj.bias"]?.shape == [64])
        let new = try MONAIGeneration.monai16plus.export(state).state
        #expect(try new.tensor("vit.blocks.5.norm_cross_attn.weight").floats() == [Float](repeating: 1, count: 64))
        #expect(try new.tensor("vit.blocks.5.norm_cross_attn.bias").floats() == [Float](repeating: 0, count: 64))
        #expect(
            try MONAIGeneration.monai16plus.export(state.storingFloats(as: .float16)).state.tensor("vit.blocks.5.norm_cross_attn.bias").type
                == .float16)
    }

    @Test(
        arguments: [
            ("0.5.3", nil), ("0.8.1", .monai08), ("0.9.0", .monai09to13), ("1.3.2", .monai09to13), ("1.4.0", .monai14to15), ("1.5.1", .monai14to15),
            ("1.6.1", .monai16plus), ("2.0", .monai16plus), ("new", nil),
        ] as [(String, MONAIGeneration?)])
    func versionsHaveTheirGeneration(version: String, generation: MONAIGeneration?) {
        #expect(MONAIGeneration(version: version) == generation)
    }

    @Test(arguments: [
        ["module."], ["_orig_mod."], ["backbone."], ["module.", "_orig_mod."], ["module.", "backbone."], ["wrapper."], ["net.", "module."],
    ])
    func prefixesAreStripped(prefixes: [String]) throws {
        let state = SampleNetwork.state(SampleNetwork.architecture())
        let mapped = try NameMapping.canonical(SampleNetwork.renamed(state) { prefixes.joined() + $0 })
        #expect(mapped.state == state)
        #expect(mapped.report.strippedPrefixes.sorted() == prefixes.sorted())
    }

    @Test func theTransformerPrefixGoesOnlyWhenItStandsAlone() throws {
        let backbone = SampleNetwork.state(SampleNetwork.architecture(.visionTransformer))
        let mapped = try NameMapping.canonical(SampleNetwork.renamed(backbone) { "module.vit." + $0 })
        #expect(mapped.state == backbone)
        #expect(mapped.report.strippedPrefixes == ["module.", "vit."])
        let whole = SampleNetwork.state(SampleNetwork.architecture())
        #expect(try NameMapping.canonical(whole).report.isIdentity)
    }

    @Test func collidingNamesAreRefused() throws {
        var state = SampleNetwork.state(SampleNetwork.architecture())
        state["module.out.conv.conv.bias"] = StoredTensor(floats: [0], shape: [1])
        #expect { try NameMapping.canonical(state) } throws: {
            if case .duplicateName("out.conv.conv.bias", _) = ($0 as? WeightError)?.problem { true } else { false }
        }
    }

    @Test func oldHeadsAndZeroBiasesAreDroppedWithAReason() throws {
        var state = SampleNetwork.state(SampleNetwork.architecture(.vitAutoencoder))
        state["linear_1.weight"] = StoredTensor(floats: [1, 2], shape: [2])
        state["blocks.0.attn.qkv.bias"] = StoredTensor(floats: [Float](repeating: 0, count: 192), shape: [192])
        state["blocks.1.attn.qkv.bias"] = StoredTensor(floats: [Float](repeating: 0.5, count: 192), shape: [192])
        let mapped = try NameMapping.canonical(state)
        #expect(mapped.report.dropped.map(\.name) == ["linear_1.weight", "blocks.0.attn.qkv.bias"])
        #expect(mapped.state["blocks.1.attn.qkv.bias"] != nil)
        #expect("\(mapped.report)".contains("linear_1.weight"))
    }

    /// MONAI's linear projection takes the voxels of a patch in the order (x, y, z, channel).
    @Test func aPerceptronBecomesTheEqualConvolution() throws {
        var architecture = SampleNetwork.architecture(patch: .perceptron)
        architecture.inChannels = 2
        let state = SampleNetwork.state(architecture)
        let linear = try state.tensor("vit.patch_embedding.patch_embeddings.1.weight").floats()
        let mapped = try NameMapping.canonical(state, perceptron: .convertToConvolution)
        let convolution = try mapped.state.tensor("vit.patch_embedding.patch_embeddings.weight")
        #expect(convolution.shape == [64, 2, 16, 16, 16])
        let values = convolution.floats()
        for (row, channel, voxel) in [(0, 0, 0), (0, 1, 0), (5, 0, 4095), (63, 1, 17), (9, 1, 2048)] {
            #expect(values[(row * 2 + channel) * 4096 + voxel] == linear[(row * 4096 + voxel) * 2 + channel])
        }
        architecture.patchProjection = .convolution
        #expect(InferredArchitecture(of: mapped.state).architecture == architecture)
        #expect(mapped.report.converted.count == 2)
        #expect(try NameMapping.canonical(state, perceptron: .keep).state == state)
    }
}
