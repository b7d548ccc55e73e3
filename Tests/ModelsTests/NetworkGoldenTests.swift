import Foundation
import Models
import Testing
import Torch
import TorchNN
import Weights

/// All suites that touch LibTorch, one at a time: gradient mode, generators and the thread count are shared state.
@Suite(.serialized) struct TorchSuite {
    init() { Threads.count = 2 }
}

/// Fills parameters, ordered by name, with a sine pattern whose network outputs were computed with MONAI.
func fillWithPattern(_ module: some Module) throws {
    for (index, (name, tensor)) in module.namedParameters().sorted(by: { $0.name < $1.name }).enumerated() {
        let offset: Float = name.hasSuffix("norm1.weight") || name.hasSuffix("norm2.weight") || name.hasSuffix("norm.weight") ? 1 : 0
        let values = (0..<tensor.count).map { Float(0.1 * sin(0.37 * Double($0) + 1.3 * Double(index))) + offset }
        try tensor.assign(Tensor(values, shape: tensor.shape))
    }
}

/// Two images of a sine pattern.
func patternImages(_ shape: [Int]) throws -> Tensor {
    let values = (0..<2 * shape.reduce(1, *)).map { Float(0.5 + 0.5 * sin(0.05 * Double($0))) }
    return try Tensor(values, shape: [2, 1] + shape)
}

func smallConfiguration(_ shape: [Int]) -> UNETRConfiguration {
    var configuration = UNETRConfiguration()
    configuration.outChannels = 3
    configuration.imageShape = shape
    configuration.featureSize = 4
    configuration.hiddenSize = 24
    configuration.mlpSize = 48
    configuration.headCount = 4
    return configuration
}

extension TorchSuite {
    /// Values computed with MONAI 0.8.1 and 1.6.1 on the same weights and images. The tolerance is float32's over a hundred layers.
    @Suite struct NetworkGoldens {
        private let tolerance: Float = 2e-6

        @Test func unetrOfACube() throws {
            let network = try UNETR(smallConfiguration([32, 32, 32]))
            #expect(network.parameterCount == 315_687)
            #expect(network.namedParameters().count == 170)
            try fillWithPattern(network)
            let images = try patternImages([32, 32, 32])
            let (tokens, hidden) = try network.transformer(images)
            #expect(try abs(tokens.mean().item() - 0.0025018380) < 1e-6)
            #expect(try abs(tokens.variance().sqrt().item() - 1.0028570269) < 1e-6)
            #expect(try abs(hidden[3].mean().item() - 0.0692928965) < 1e-6)
            let logits = try network(images)
            #expect(logits.shape == [2, 3, 32, 32, 32])
            #expect(try abs(logits.mean().item() + 0.0107356220) < 1e-6)
            #expect(try abs(logits.variance().sqrt().item() - 0.1722561462) < 1e-6)
            let values = try logits.floats()
            for (found, expected) in zip(
                values.prefix(4) + values.suffix(2) + [values[values.count / 2]],
                [-0.0261436, -0.17617592, -0.24598429, -0.24601516, 0.21192151, 0.1251902, -0.16449309] as [Float])
            {
                #expect(abs(found - expected) < tolerance)
            }
        }

        @Test func unetrOfABox() throws {
            let network = try UNETR(smallConfiguration([32, 48, 64]))
            #expect(network.parameterCount == 316_071)
            try fillWithPattern(network)
            let values = try network(patternImages([32, 48, 64])).floats()
            for (found, expected) in zip(
                values.prefix(4) + values.suffix(2) + [values[values.count / 2]],
                [0.00661138, 0.00783805, -0.01225969, -0.00812409, 0.10533747, 0.07169294, 0.02574706] as [Float])
            {
                #expect(abs(found - expected) < tolerance)
            }
        }

        @Test func autoencoder() throws {
            let network = try ViTAutoencoder(smallConfiguration([32, 32, 32]).transformer)
            #expect(network.namedParameters().count == 141)
            try fillWithPattern(network)
            let image = try network(patternImages([32, 32, 32])).reconstruction
            #expect(try abs(image.mean().item() + 0.0983953217) < 1e-6)
            #expect(try abs(image.variance().sqrt().item() - 0.0311870515) < 1e-6)
            let values = try image.floats()
            for (found, expected) in zip(
                values.prefix(4) + values.suffix(2),
                [-0.07413286, -0.06984696, -0.06947272, -0.07306078, -0.05534027, -0.0476933] as [Float])
            {
                #expect(abs(found - expected) < tolerance)
            }
        }
    }

    @Suite struct Configurations {
        @Test func badKeysAreNamed() throws {
            var configuration = UNETRConfiguration.tiny
            configuration.headCount = 5
            #expect(throws: ConfigurationError.self) { try configuration.validate() }
            #expect(try #require(#expect(throws: ConfigurationError.self) { try configuration.validate() }).keyPath == "unetr.hiddenSize")
            configuration = .tiny
            configuration.imageShape = [96, 96, 90]
            #expect(try #require(#expect(throws: ConfigurationError.self) { try configuration.validate() }).keyPath == "unetr.imageShape")
            configuration = .tiny
            configuration.hiddenStateTaps = [1, 2, 9]
            #expect(try #require(#expect(throws: ConfigurationError.self) { try configuration.validate() }).keyPath == "unetr.hiddenStateTaps")
        }

        @Test func tapsAreQuartersOfTheDepth() {
            #expect(UNETRConfiguration.base.taps == [3, 6, 9])
            #expect(UNETRConfiguration.tiny.taps == [2, 4, 6])
        }
    }

    @Suite struct StateLoading {
        @Test func reportsAndPolicies() throws {
            let source = try UNETR(smallConfiguration([16, 16, 16]))
            let target = try UNETR(smallConfiguration([16, 16, 16]))
            let state = Dictionary(uniqueKeysWithValues: source.namedParameters().map { ($0.name, $0.tensor) })
            #expect(try target.loadState(state).isComplete)
            #expect(try target.output.convolution.weight.isEqual(to: source.output.convolution.weight))
            var partial = state
            partial["out.conv.conv.bias"] = nil
            partial["stranger"] = try Tensor.zeros([1])
            partial["vit.norm.weight"] = try Tensor.zeros([3])
            #expect(throws: StateError.self) { try target.loadState(partial) }
            let report = try target.loadState(partial, policy: .partial)
            #expect(report.missing == ["out.conv.conv.bias"] && report.unexpected == ["stranger"])
            #expect(report.mismatched == [.init(name: "vit.norm.weight", expected: [24], found: [3])])
            #expect(throws: StateError.self) { try target.loadState(["module.x": Tensor.zeros([1])], policy: .partial) }
        }

        @Test func publishedSizes() throws {
            let network = try UNETR(.base)
            #expect(network.parameterCount == 92_784_046)
            #expect(network.namedParameters().count == 170)
        }
    }
}

extension TorchSuite {
    @Suite struct StateDictionaries {
        @Test func aNetworkSurvivesStoring() throws {
            let source = try UNETR(smallConfiguration([16, 16, 16]))
            let state = try source.stateDictionary(metadata: ["architecture": "unetr"])
            #expect(state.count == 170 && state.names == state.names.sorted())
            let target = try UNETR(smallConfiguration([16, 16, 16]))
            #expect(try target.loadState(state).isComplete)
            let images = try patternImages([16, 16, 16])
            #expect(try target(images).isEqual(to: source(images)))
        }

        @Test func halfPrecisionIsWidened() throws {
            let source = try UNETR(smallConfiguration([16, 16, 16]))
            let target = try UNETR(smallConfiguration([16, 16, 16]))
            try target.loadState(source.stateDictionary().storingFloats(as: .float16))
            let (kept, original) = (target.output.convolution.weight, source.output.convolution.weight)
            #expect(kept.dtype == .float32)
            #expect(try (kept - original).abs().max().item() < 1e-3)
        }

        @Test func typesAgree() {
            for type in ScalarType.allCases {
                #expect(DType(type).scalarType == type)
                #expect(DType(type).size == type.byteCount)
            }
        }
    }
}
