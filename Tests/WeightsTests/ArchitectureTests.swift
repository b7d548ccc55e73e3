import Foundation
import Testing
import Weights

/// A small network of each kind, with recognisable values.
enum SampleNetwork {
    static func architecture(_ kind: Architecture.Kind = .unetr, patch: Architecture.PatchProjection = .convolution) -> Architecture {
        var architecture = Architecture()
        architecture.kind = kind
        architecture.imageShape = [32, 32, 32]
        (architecture.outChannels, architecture.featureSize) = kind == .visionTransformer ? (1, 16) : (kind == .unetr ? 3 : 1, 4)
        (architecture.hiddenSize, architecture.mlpSize, architecture.headCount, architecture.layerCount) = (64, 48, 1, 12)
        architecture.patchProjection = patch
        return architecture
    }

    static func state(_ architecture: Architecture) -> StateDictionary {
        var state = StateDictionary()
        for (index, tensor) in architecture.tensors.enumerated() {
            let count = tensor.shape.reduce(1, *)
            state[tensor.name] = StoredTensor(floats: Self.values(count, index), shape: tensor.shape)
        }
        return state
    }

    /// A saw tooth about `index`.
    private static func values(_ count: Int, _ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { values, initialized in
            for position in 0..<count { values[position] = Float(position % 97 - 48) / 64 + Float(index) }
            initialized = count
        }
    }

    /// The same tensors under other names.
    static func renamed(_ state: StateDictionary, _ rename: (String) -> String) -> StateDictionary {
        var result = StateDictionary()
        for (name, tensor) in state.entries { result[rename(name)] = tensor }
        return result
    }
}

@Suite struct ArchitectureTests {
    /// Counts of MONAI 0.9.1's networks of the published size.
    @Test func thePublishedNetworksHaveTheirTensors() {
        var architecture = Architecture()
        #expect(architecture.tensors.count == 170)
        #expect(architecture.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } == 92_784_046)
        architecture.kind = .vitAutoencoder
        architecture.outChannels = 1
        #expect(architecture.tensors.count == 141)
        #expect(architecture.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } == 89_128_209)
        architecture.kind = .visionTransformer
        #expect(architecture.tensors.count == 137)
        #expect(architecture.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } == 88_340_736)
    }

    @Test(arguments: Architecture.Kind.allCases, Architecture.PatchProjection.allCases)
    func shapesTellTheArchitecture(kind: Architecture.Kind, patch: Architecture.PatchProjection) {
        let architecture = SampleNetwork.architecture(kind, patch: patch)
        let inferred = InferredArchitecture(of: SampleNetwork.state(architecture))
        #expect(inferred.architecture == architecture)
        #expect(inferred.problems.isEmpty)
        #expect(inferred.assumptions.contains { $0.contains("cubic window") } && inferred.assumptions.contains { $0.contains("heads") })
        let informed = InferredArchitecture(of: SampleNetwork.state(architecture), imageShape: [64, 32, 16], headCount: 2)
        #expect(informed.architecture?.imageShape == [64, 32, 16] && informed.architecture?.headCount == 2)
    }

    @Test func whatShapesCannotTellIsSaid() {
        var architecture = SampleNetwork.architecture()
        architecture.imageShape = [32, 48, 64]
        let state = SampleNetwork.state(architecture)
        let inferred = InferredArchitecture(of: state)
        #expect(inferred.architecture == nil && inferred.problems.contains { $0.contains("24 tokens are no cube") })
        #expect(InferredArchitecture(of: state, imageShape: [32, 48, 64]).architecture == architecture)
        #expect(InferredArchitecture(of: state, imageShape: [32, 32, 32]).architecture == nil)
        #expect(InferredArchitecture(of: StateDictionary()).architecture == nil)
    }

    @Test func deviationsAreListed() throws {
        var state = SampleNetwork.state(SampleNetwork.architecture())
        state["encoder1.layer.conv1.conv.weight"] = nil
        state["out.conv.conv.bias"] = StoredTensor(floats: [0], shape: [1])
        state["stray"] = StoredTensor(floats: [0], shape: [1])
        let problems = InferredArchitecture(of: state).problems
        #expect(problems.count == 3)
        #expect(problems.contains { $0.contains("encoder1.layer.conv1.conv.weight") && $0.contains("missing") })
        #expect(problems.contains { $0.contains("out.conv.conv.bias") && $0.contains("[3]") })
        #expect(problems.contains { $0.contains("stray") })
    }

    @Test func absurdSizesAreRefusedByKey() {
        func expectFailure(_ key: String, _ change: (inout Architecture) -> Void) {
            var architecture = Architecture()
            change(&architecture)
            #expect {
                try architecture.validate()
            } throws: {
                if case .metadata("architecture", let reason) = ($0 as? WeightError)?.problem { reason.hasPrefix(key) } else { false }
            }
        }
        expectFailure("layerCount") { $0.layerCount = 1_000_000 }
        expectFailure("hiddenSize") { $0.hiddenSize = .max }
        expectFailure("headCount") { $0.headCount = 7 }
        expectFailure("imageShape") { $0.imageShape = [96, 96] }
        expectFailure("imageShape") { $0.imageShape = [96, 96, 100] }
        expectFailure("patchShape") { $0.patchShape = [16, 0, 16] }
        expectFailure("hiddenStateTaps") { $0.hiddenStateTaps = [3, 6, 12] }
        expectFailure("outChannels") { $0.outChannels = 0 }
    }
}
