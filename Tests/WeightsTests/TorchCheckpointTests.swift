import Foundation
import Testing
import Weights

@Suite struct TorchCheckpointTests {
    @Test(arguments: [TorchGoldens.zip, TorchGoldens.legacy])
    func readsSharedAndStridedStorages(golden: Data) throws {
        let loaded = try load(golden)
        #expect(loaded.entry == "state_dict")
        #expect(loaded.ignored == [LoadedWeights.IgnoredEntry(name: "epoch", summary: "3")])
        let state = loaded.state
        #expect(state.names == ["whole", "t", "row", "h"])
        #expect(try state.tensor("whole").floats() == (0..<12).map(Float.init))
        #expect(try state.tensor("t").shape == [3, 2])
        #expect(try state.tensor("t").floats() == [2, 5, 3, 6, 4, 7])
        #expect(try state.tensor("row").floats() == [8, 9, 10])
        #expect(try state.tensor("h").type == .float16)
        #expect(try state.tensor("h").floats() == [0.5, -2])
    }

    @Test func kindsAreTold() throws {
        #expect(try WeightFile.kind(of: FileBytes(copying: TorchGoldens.zip)) == .torchCheckpoint)
        #expect(try WeightFile.kind(of: FileBytes(copying: TorchGoldens.legacy)) == .legacyTorchCheckpoint)
        #expect(try WeightFile.kind(of: FileBytes(copying: SafetensorsTests.bytes("{}"))) == .safetensors)
        let script = try PickleBuilder.archive(Data(), extra: [("code/a.py", Data()), ("constants.pkl", Data())])
        #expect(try WeightFile.kind(of: FileBytes(copying: script)) == .torchScript)
        #expect { try load(script) } throws: { "\($0)".contains("foreign model") }
    }

    @Test(arguments: [nil, "state_dict", "model"]) func writingThenReadingIsTheIdentity(entry: String?) throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.pt")
        let sample = try SafetensorsTests.sample
        try WeightFile.writeTorchCheckpoint(sample, to: url, entry: entry)
        let loaded = try WeightFile.read(url)
        #expect(loaded.entry == entry)
        #expect(loaded.state.names == sample.names)
        for (name, tensor) in sample.entries { #expect(loaded.state[name] == tensor) }
        #expect(loaded.state.metadata == (entry == nil ? [:] : sample.metadata))
        #expect(loaded.ignored.isEmpty)
    }

    @Test func theFormsOfACheckpointAreRecognised() throws {
        let tensor = PickleBuilder(data: Data()).tensor(count: 2, shape: [2], strides: [1]).data
        func read(_ pickle: PickleBuilder) throws -> LoadedWeights { try load(PickleBuilder.archive(pickle.ops(0x2E).data)) }
        let inner = PickleBuilder(data: Data()).ops(0x7D).text("w").then(tensor).ops(0x73).data
        for name in ["state_dict", "model", "network", "model_state_dict", "net"] {
            let loaded = try read(PickleBuilder().ops(0x7D).text(name).then(inner).ops(0x73).text("epoch").integer(5).ops(0x73))
            #expect(loaded.entry == name && loaded.state.names == ["w"] && loaded.ignored.map(\.name) == ["epoch"])
        }
        let nested = PickleBuilder(data: Data()).ops(0x7D).text("state_dict").then(inner).ops(0x73).data
        #expect(try read(PickleBuilder().ops(0x7D).text("model").then(nested).ops(0x73)).entry == "model.state_dict")
        let both = try read(PickleBuilder().ops(0x7D).text("loss").then(tensor).ops(0x73).text("model").then(inner).ops(0x73))
        #expect(both.entry == "model" && both.ignored.map(\.name) == ["loss"])
        #expect { try read(PickleBuilder().ops(0x7D).text("epoch").integer(1).ops(0x73)) } throws: { "\($0)".contains("epoch") }
        #expect(throws: WeightError.self) { try read(PickleBuilder().ops(0x5D)) }
    }

    @Test func numpyScalarsAndParametersAreHarmless() throws {
        let scalar = PickleBuilder(data: Data()).global("numpy.core.multiarray", "scalar").global("numpy", "dtype").text("f8").ops(0x85, 0x52).text(
            "x"
        )
        .ops(0x86, 0x52).data
        let parameter = PickleBuilder(data: Data()).global("torch._utils", "_rebuild_parameter").ops(0x28).tensor(count: 2, shape: [2], strides: [1])
            .ops(0x88).global("collections", "OrderedDict").raw(")R").ops(0x74, 0x52).data
        let loaded = try load(
            PickleBuilder.archive(PickleBuilder().ops(0x7D).text("best").then(scalar).ops(0x73).text("w").then(parameter).ops(0x73, 0x2E).data))
        #expect(loaded.state.names == ["w"])
        #expect(loaded.ignored == [LoadedWeights.IgnoredEntry(name: "best", summary: "numpy.core.multiarray.scalar")])
    }

    @Test func bigEndianStoragesAreSwapped() throws {
        let pickle = PickleBuilder.dictionary { $0.tensor(count: 2, shape: [2], strides: [1]) }
        let storage = Data([0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0])
        let loaded = try load(PickleBuilder.archive(pickle, storages: [storage], extra: [("byteorder", Data("big".utf8))]))
        #expect(try loaded.state.tensor("w").floats() == [1, -2])
        #expect(throws: WeightError.self) { try load(PickleBuilder.archive(pickle, storages: [storage], extra: [("byteorder", Data("odd".utf8))])) }
    }
}
