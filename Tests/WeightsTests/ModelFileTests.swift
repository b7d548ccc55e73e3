import Foundation
import Testing
import Weights

@Suite struct ModelFileTests {
    private struct Recipe: Codable, Equatable {
        var spacing: [Double]
    }

    private var metadata: ModelMetadata {
        get throws {
            var metadata = ModelMetadata(architecture: SampleNetwork.architecture(), classes: ["background", "spleen", "liver"])
            metadata.architecture.headCount = 4
            metadata.architecture.hiddenStateTaps = [2, 4, 6]
            try metadata.setRecipe(Recipe(spacing: [1.5, 1.5, 2]))
            metadata.roi = [32, 32, 32]
            metadata.provenance = .init(commands: ["viscera train"], data: ["phantoms"], seed: 7, commit: "abc", results: ["Dice": "0.8"])
            (metadata.license, metadata.card, metadata.other) = ("Apache-2.0", "# A card\n", ["note": "x"])
            return metadata
        }
    }

    @Test(arguments: [nil, ScalarType.float16, .bfloat16, .float32]) func aModelComesBackAsItWasWritten(type: ScalarType?) throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.safetensors")
        let state = SampleNetwork.state(SampleNetwork.architecture())
        try ModelFile.write(state, metadata: metadata, to: url, storing: type)
        let model = try ModelFile.read(url)
        #expect(try model.metadata == metadata)
        #expect(try model.architecture == metadata.architecture)
        #expect(model.assumptions.isEmpty && model.mapping.isIdentity)
        #expect(try model.metadata?.recipe(as: Recipe.self) == Recipe(spacing: [1.5, 1.5, 2]))
        for (name, tensor) in model.state.entries {
            #expect(tensor.type == type ?? .float32)
            #expect(try tensor == state.tensor(name).converted(to: type ?? .float32))
        }
        #expect(throws: WeightError.self) { try ModelFile.write(state, metadata: metadata, to: url, storing: .int8) }
    }

    @Test func wrongMetadataAreNamedByKey() throws {
        let good = try metadata.entries()
        let changes: [(String, String?)] = [
            ("format", "viscera/2"), ("format", nil), ("architecture", nil), ("architecture", "{}"), ("architecture", "{"), ("classes", "[\"one\"]"),
            ("classes", "{}"), ("classes", "[\"a\",\"a\",\"b\"]"), ("roi", "[1,2]"), ("roi", "[0,1,1]"), ("recipe", "[]"),
            ("recipe", "{\"a\":1,\"a\":2}"),
            ("recipe", String(repeating: "[", count: 100_000)), ("provenance", "{\"seed\":-1}"),
        ]
        for (key, value) in changes {
            var changed = good
            changed[key] = value
            #expect("\(key) = \(value ?? "nothing")") {
                _ = try ModelMetadata(changed)
            } throws: {
                if case .metadata(key, _) = ($0 as? WeightError)?.problem { true } else { false }
            }
        }
        #expect(try ModelMetadata(good).entries() == good)
    }

    /// What a network configuration encodes, without kind and patch, and provenance as plain text.
    @Test func sparseArchitecturesAndPlainProvenanceAreUnderstood() throws {
        let text =
            #"{"featureSize":4,"headCount":1,"hiddenSize":64,"imageShape":[32,32,32],"inChannels":1,"layerCount":12,"mlpSize":48,"outChannels":3}"#
        let entries = ["format": "viscera/1", "architecture": text, "provenance": "train.sh, seed 3"]
        let metadata = try ModelMetadata(entries)
        #expect(metadata.architecture == SampleNetwork.architecture())
        #expect(metadata.provenance == Provenance(note: "train.sh, seed 3"))
        #expect(try metadata.entries()["provenance"] == "train.sh, seed 3")
    }

    @Test func tensorsThatContradictTheMetadataAreRefused() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.safetensors")
        var state = SampleNetwork.state(SampleNetwork.architecture())
        state.metadata = try metadata.entries()
        var other = try metadata
        other.architecture.mlpSize = 52
        state.metadata["architecture"] = try other.entries()["architecture"]
        try WeightFile.writeSafetensors(state, to: url)
        #expect { try ModelFile.read(url) } throws: { "\($0)".contains("architecture") }
        #expect(try WeightFile.describe(url).anomalies.contains { $0.tensor == "metadata" })
        #expect { try ModelFile.write(state, metadata: other, to: url) } throws: { "\($0)".contains("mlp.linear1.weight") }
        state["extra"] = StoredTensor(floats: [1], shape: [1])
        #expect { try ModelFile.write(state, metadata: metadata, to: url) } throws: { "\($0)".contains("extra") }
    }

    @Test func aCheckpointOfMONAIIsAModelToo() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.pt")
        let state = SampleNetwork.state(SampleNetwork.architecture(.vitAutoencoder))
        let exported = try MONAIGeneration.monai14to15.export(state).state
        try WeightFile.writeTorchCheckpoint(SampleNetwork.renamed(exported) { "module." + $0 }, to: url, entry: "state_dict")
        let model = try ModelFile.read(url)
        #expect(model.state == state)
        #expect(model.architecture == SampleNetwork.architecture(.vitAutoencoder))
        #expect(model.assumptions.count == 2 && model.mapping.generation == .monai14to15)
        let stray = try StateDictionary([("fc.weight", StoredTensor(floats: [1], shape: [1, 1]))])
        try WeightFile.writeTorchCheckpoint(stray, to: url)
        #expect { try ModelFile.read(url) } throws: { "\($0)".contains("position embeddings") && "\($0)".contains("model.pt") }
    }

    @Test func descriptionsFindSickTensors() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.safetensors")
        var state = SampleNetwork.state(SampleNetwork.architecture())
        state["vit.norm.weight"] = StoredTensor(floats: [.nan, .infinity] + [Float](repeating: 1, count: 62), shape: [64])
        state["encoder1.layer.conv1.conv.weight"] = StoredTensor(floats: [Float](repeating: 0, count: 108), shape: [4, 1, 3, 3, 3])
        state["vit.norm.bias"] = StoredTensor(floats: [Float](repeating: 0, count: 64), shape: [64])
        state.metadata = try metadata.entries()
        try WeightFile.writeSafetensors(state, to: url)
        let description = try WeightFile.describe(url)
        #expect(description.kind == .safetensors && description.tensorCount == 170 && description.types == [.float32: 170])
        #expect(description.parameterCount == state.parameterCount)
        #expect(try description.metadata == metadata)
        #expect(try description.architecture.architecture == metadata.architecture)
        #expect(
            description.anomalies.map { "\($0.tensor): \($0.finding)" }.sorted() == [
                "encoder1.layer.conv1.conv.weight: all 108 values are zero", "vit.norm.weight: 1 of 64 values are infinite",
                "vit.norm.weight: 1 of 64 values are not a number",
            ])
    }
}
