import Foundation
import Models
import Preprocessing
import Segmentation
import TestSupport
import Testing
import Torch
import TorchNN
import Weights

/// Networks as TorchScript programs: exported here, read again as foreign ones.
@Suite(.serialized) struct ScriptPackageTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// The names in the folder.
    private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []).sorted() }

    private func small(_ projection: PatchProjection = .convolution) throws -> ModelPackage {
        var configuration = UNETRConfiguration.tiny
        configuration.imageShape = [32, 32, 16]
        configuration.featureSize = 8
        configuration.hiddenSize = 24
        configuration.mlpSize = 48
        configuration.headCount = 2
        configuration.layerCount = 4
        configuration.patchProjection = projection
        var recipe = PreprocessingRecipe.abdominalCT
        recipe.spacing = [4, 4, 4]
        return ModelPackage(network: try UNETR(configuration, generator: Generator(seed: 5)), recipe: recipe, license: "Apache-2.0")
    }

    /// `body` as a program that says nothing about its use.
    private func program(_ input: [Int], _ body: (Tensor) throws -> Tensor) throws -> ScriptModule {
        try ScriptModule.recording(Tensor.zeros(input), parameters: [], body)
    }

    @Test(arguments: [PatchProjection.convolution, .perceptron])
    func anExportedNetworkIsReadAsAProgramOfTheSameNumbers(projection: PatchProjection) throws {
        let url = folder.file("model.ts")
        var package = try small(projection)
        package.postprocessing = Postprocessing(largestComponents: ["spleen"])
        let difference = try #require(try package.writeScript(to: url))
        // Single precision, summed in another order.
        #expect(difference < 1e-5)
        #expect(try WeightFile.kind(of: url) == .torchScript)
        var read = try ScriptPackage.read(url)
        let recipe = read.recipe()
        #expect(recipe == package.recipe && read.metadata.license == "Apache-2.0")
        #expect(read.metadata.architecture?.hiddenSize == 24 && read.metadata.postprocessing == package.postprocessing)
        let names = Set(try read.script.tensors().map(\.name))
        #expect(names == Set(package.network.namedParameters().map(\.name)))

        let predictor = try ScriptPredictor(script: read.script, windowShape: read.windowShape(nil))
        #expect(predictor.channelCount == 14 && predictor.windowShape == SIMD3(32, 32, 16))
        let classes = try read.classNames(channels: 14)
        #expect(classes == ModelPackage.organClassNames)
        #expect(read.assumptions.isEmpty)
        var random = SplitMix(seed: 9)
        let windows = (0..<2 * 32 * 32 * 16).map { _ in Float(random.uniform()) }
        let native = try NetworkPredictor(network: package.network).predict(windows, count: 2)
        let foreign = try predictor.predict(windows, count: 2)
        #expect(native.count == foreign.count && zip(native, foreign).allSatisfy { abs($0 - $1) < 1e-4 })
        // The program itself takes a batch.
        let batch = try read.script(Tensor(windows, shape: [2, 1, 32, 32, 16]))
        #expect(batch.shape == [2, 14, 32, 32, 16])
        #expect(files == ["model.ts"])
    }

    @Test func anInputThatIsNotTheNetworksIsRefused() throws {
        for shape in [[32, 32, 32], [1, 2, 32, 32, 16], [0, 1, 32, 32, 16], [32]] {
            #expect(throws: SegmentationError.self) { try small().writeScript(to: folder.file("model.ts"), inputShape: shape) }
        }
        #expect(throws: SegmentationError.self) { try small().writeScript(to: folder.file("model.ts"), tolerance: -1) }
        #expect(files == [])
    }

    @Test func programsThatAreNoSegmentationAreRefused() throws {
        let window = [1, 1, 8, 8, 8]
        func predictor(_ script: ScriptModule) throws -> ScriptPredictor { try ScriptPredictor(script: script, windowShape: SIMD3(8, 8, 8)) }
        let wrongRank = try program(window) { try $0.mean(axes: [2, 3, 4]) }
        #expect(throws: SegmentationError.scriptOutput(window: [8, 8, 8], found: [1, 1])) { try predictor(wrongRank) }
        let half = try program(window) { try Tensor.concatenated([$0, $0], axis: 1).narrowed(axis: 2, start: 0, length: 4) }
        #expect(throws: SegmentationError.scriptOutput(window: [8, 8, 8], found: [1, 2, 4, 8, 8])) { try predictor(half) }
        let oneClass = try program(window) { try $0 + 1 }
        #expect(throws: SegmentationError.unsupportedChannelCount(1)) { try predictor(oneClass) }
        let twoClasses = try program(window) { try Tensor.concatenated([$0, 1 - $0], axis: 1) }
        #expect(try predictor(twoClasses).channelCount == 2)
        #expect(throws: SegmentationError.self) { try ScriptPredictor(script: twoClasses, windowShape: .zero) }
    }

    @Test func aProgramWithoutMetadataSaysWhatIsAssumed() throws {
        var package = ScriptPackage(script: try program([1, 1, 8, 8, 8]) { try Tensor.concatenated([$0, 1 - $0], axis: 1) })
        let (recipe, assumed, given) = (package.recipe(), package.windowShape(nil), package.windowShape(SIMD3(8, 8, 8)))
        #expect(recipe == .abdominalCT)
        #expect(assumed == SIMD3(96, 96, 96) && given == SIMD3(8, 8, 8))
        let classes = try package.classNames(channels: 2)
        #expect(classes == ["background", "class 1"])
        #expect(package.assumptions.count == 3)
    }

    @Test(arguments: [
        "", "[]", "{\"roi\": [96, 96]}", "{\"roi\": [0, 1, 1]}", "{\"classes\": [\"one\"]}", "{\"spacing\": [1, 1, 1]}",
        "{\"format\": \"viscera/9\"}", "{\"classes\": [\"air\", \"liver\"], \"postprocessing\": {\"largestComponents\": [\"spleen\"]}}",
        "{\"postprocessing\": {}}",
        "{\"recipe\": {\"blur\": 3}}", "{\"recipe\": {\"spacing\": []}}",
    ])
    func metadataThatCannotBeAreRefused(json: String) {
        #expect(throws: WeightError.self) { try ScriptMetadata(json: json) }
    }

    @Test func classNamesMustBeAsManyAsChannels() throws {
        let metadata = try ScriptMetadata(json: "{\"classes\": [\"background\", \"liver\"]}")
        var package = ScriptPackage(script: try program([2]) { try $0 + 1 }, metadata: metadata)
        #expect(throws: WeightError.self) { try package.classNames(channels: 3) }
    }

    @Test func weightsAloneAreNoProgram() throws {
        let url = folder.file("weights.ts")
        try WeightFile.writeTorchCheckpoint(small().network.stateDictionary(), to: url)
        let error = #expect(throws: WeightError.self) { try ScriptPackage.read(url) }
        #expect("\(String(describing: error))".contains("torch.jit.save"))
        #expect(throws: TorchError.self) { try ScriptModule(contentsOf: url.path) }
        let program = folder.file("program.ts")
        try small().writeScript(to: program, tolerance: nil)
        try Data(contentsOf: program).prefix(5000).write(to: url)
        #expect(throws: WeightError.self) { try ScriptPackage.read(url) }
    }

    @Test func aFlippedBitInATensorIsFound() throws {
        let url = folder.file("program.ts")
        let package = try small()
        try package.writeScript(to: url, tolerance: nil)
        _ = try ScriptPackage.read(url)
        var bytes = try Data(contentsOf: url)
        let weight = try package.network.output.convolution.weight.data()
        let place = try #require(bytes.range(of: weight))
        bytes[place.lowerBound + 3] ^= 0x40
        try bytes.write(to: url)
        let error = #expect(throws: WeightError.self) { try ScriptPackage.read(url) }
        #expect("\(String(describing: error))".contains("checksum"))
    }
}
