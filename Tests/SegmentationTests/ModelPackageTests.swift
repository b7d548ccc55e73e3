import Foundation
import MedicalImaging
import Models
import Preprocessing
import Segmentation
import TestSupport
import Testing
import Torch
import TorchNN
import Weights

@Suite(.serialized) struct ModelPackageTests {
    private func small() throws -> ModelPackage {
        var configuration = UNETRConfiguration.tiny
        configuration.imageShape = [32, 32, 32]
        configuration.featureSize = 4
        configuration.hiddenSize = 24
        configuration.mlpSize = 48
        configuration.headCount = 2
        configuration.layerCount = 4
        var recipe = PreprocessingRecipe.abdominalCT
        recipe.spacing = [4, 4, 4]
        return ModelPackage(network: try UNETR(configuration), recipe: recipe, provenance: Provenance(note: "a test"), license: "Apache-2.0")
    }

    @Test func aRoundTripKeepsEverything() throws {
        let folder = try TemporaryDirectory()
        var package = try small()
        package.postprocessing = Postprocessing(largestComponents: ["liver", "left kidney"], basis: "a test")
        try package.write(to: folder.file("model.safetensors"))
        let read = try ModelPackage.read(folder.file("model.safetensors"))
        #expect(read.recipe == package.recipe && read.postprocessing == package.postprocessing)
        #expect(read.postprocessing?.labels(in: read.labelNames) == [Organ.liver.rawValue, Organ.leftKidney.rawValue])
        #expect(read.network.configuration == package.network.configuration)
        #expect(read.labelNames[6] == "liver" && read.labelNames.count == 13)
        #expect(read.provenance?.note == "a test" && read.license == "Apache-2.0")
        #expect(read.report?.isComplete == true)
        #expect(read.assumptions.isEmpty)
        for (one, two) in zip(package.network.namedParameters(), read.network.namedParameters()) {
            #expect(one.name == two.name)
            #expect(try one.tensor.floats() == two.tensor.floats())
        }
    }

    @Test func halfPrecisionIsRoundedOnce() throws {
        let folder = try TemporaryDirectory()
        let package = try small()
        try package.write(to: folder.file("model.safetensors"), storing: .float16)
        let read = try ModelPackage.read(folder.file("model.safetensors"))
        let before = try package.network.namedParameters()[0].tensor.floats()
        let after = try read.network.namedParameters()[0].tensor.floats()
        #expect(before != after)
        #expect(zip(before, after).allSatisfy { Float(Float16($0)) == $1 })
    }

    @Test func weightsWithoutMetadataSayWhatIsAssumed() throws {
        let folder = try TemporaryDirectory()
        try WeightFile.writeSafetensors(small().network.stateDictionary(), to: folder.file("bare.safetensors"))
        // Without metadata nothing tells the number of heads, so the depth and width alone are compared.
        let read = try ModelPackage.read(folder.file("bare.safetensors"))
        #expect(read.network.configuration.hiddenSize == 24)
        #expect(read.recipe == .abdominalCT)
        #expect(read.assumptions.contains { $0.contains("preprocessing") } && read.assumptions.contains { $0.contains("classes") })
    }

    @Test func anotherNetworksWeightsAreRefused() throws {
        let folder = try TemporaryDirectory()
        var state = try small().network.stateDictionary()
        state["encoder1.layer.conv1.conv.weight"] = StoredTensor(floats: [0, 0], shape: [2])
        try WeightFile.writeSafetensors(state, to: folder.file("odd.safetensors"))
        #expect(throws: WeightError.self) { try ModelPackage.read(folder.file("odd.safetensors")) }
    }
}
