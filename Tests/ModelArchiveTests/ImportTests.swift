import Foundation
import MedicalImaging
import ModelArchive
import Models
import Segmentation
import TestSupport
import Testing
import Weights

@Suite(.serialized) struct ImportTests {
    private let folder: TemporaryDirectory
    private var root: URL { folder.file("clara") }

    init() throws { folder = try TemporaryDirectory() }

    private static let unetr = """
        {"name": "UNETR", "args": {"in_channels": 1, "out_channels": 3, "img_size": [32, 32, 32], "feature_size": 4, "hidden_size": 24,
         "mlp_dim": 48, "num_heads": 4, "num_layers": 4, "pos_embed": "conv", "norm_name": "instance", "conv_block": true, "res_block": true}}
        """

    private func put(_ path: String, _ text: String) throws {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// An archive as Clara's was: weights of two GPUs under a key, with the prefix of data parallelism.
    private func makeArchive(model: String = unetr, weights: String = "models_2gpu/best_metric_model.pt") throws {
        try put("config/config_train.json", #"{"epochs": 3, "train": {"loss": {"name": "DiceCELoss"}, "model": \#(model)}}"#)
        let url = root.appending(path: weights)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try WeightFile.writeTorchCheckpoint(Fixtures.state(prefix: "module."), to: url, entry: "model")
    }

    @Test func aFolderBecomesAModel() throws {
        try makeArchive()
        let imported = try ArchiveImport(root)
        let report = imported.report.joined(separator: "\n")
        #expect(report.contains("models_2gpu/best_metric_model.pt") && report.contains("train.model") && report.contains("under the key 'model'"))
        #expect(report.contains("module."))
        // Without a configuration of an inference the published preprocessing is assumed, and that is said.
        #expect(report.contains("assumed: the preprocessing"))
        let file = folder.file("model.safetensors")
        try imported.write(to: file, provenance: Provenance(), license: nil)
        let package = try ModelPackage.read(file)
        #expect(package.network.configuration.headCount == 4 && package.network.configuration.imageShape == [32, 32, 32])
        #expect(package.assumptions.isEmpty, "\(package.assumptions)")
        #expect(package.recipe == .abdominalCT)
        let original = try Fixtures.package().network.stateDictionary()
        for (name, tensor) in try package.network.stateDictionary().entries { #expect(original[name] == tensor, "\(name)") }
    }

    @Test func theAutoMLFormAndVariablesAreRead() throws {
        let model = String(Self.unetr.dropLast().replacing("\"out_channels\": 3", with: "\"out_channels\": \"{OUTPUT_CHANNELS}\""))
        try makeArchive(model: model + #", "search": [{"type": "enum", "args": ["feature_size"], "targets": [[4]], "domain": "net"}]}"#)
        try put("config/environment.json", #"{"OUTPUT_CHANNELS": 3}"#)
        #expect(try ArchiveImport(root).report.contains { $0.contains("train.model.search") })
    }

    @Test func theModelSectionMayStandAtTheTop() throws {
        try makeArchive(weights: "models/model.pt")
        try put("config/config_train.json", #"{"model": \#(Self.unetr), "train": {}}"#)
        #expect(try ArchiveImport(root).report.contains { $0.contains("(model of config/config_train.json)") })
    }

    @Test func contradictionsAreNamed() throws {
        try makeArchive(model: Self.unetr.replacing("\"feature_size\": 4", with: "\"feature_size\": 8"))
        #expect { try ArchiveImport(root) } throws: { "\($0)".contains("feature_size") && "\($0)".contains("8") }
        try makeArchive(model: Self.unetr.replacing("UNETR", with: "SegResNet"))
        #expect { try ArchiveImport(root) } throws: { "\($0)".contains("train.model.name") && "\($0)".contains("SegResNet") }
        try makeArchive(model: #"{"path": "their.Net", "args": {}}"#)
        #expect { try ArchiveImport(root) } throws: { "\($0)".contains("does not run") }
    }

    @Test func preTrainedWeightsAreTakenOnRequest() throws {
        try makeArchive()
        var transformer = Fixtures.network.transformer
        transformer.layerCount = 4
        let autoencoder = try ViTAutoencoder(transformer, decoderChannels: 4)
        var state = StateDictionary()
        for (name, tensor) in try autoencoder.stateDictionary().entries { state["module." + name] = tensor }
        try FileManager.default.createDirectory(at: root.appending(path: "ssl_models_2gpu"), withIntermediateDirectories: false)
        try WeightFile.writeTorchCheckpoint(state, to: root.appending(path: "ssl_models_2gpu/best_metric_model.pt"), entry: "state_dict")
        let imported = try ArchiveImport(root, part: .pretraining)
        #expect(imported.model.architecture.kind == .vitAutoencoder && imported.model.architecture.headCount == 4)
        let file = folder.file("ssl.safetensors")
        try imported.write(to: file, provenance: Provenance(), license: nil)
        #expect(try ModelFile.read(file).state.count == state.count)
    }

    @Test func aMissingArchiveOrMissingWeightsAreNamed() throws {
        #expect { try ArchiveImport(root) } throws: { "\($0)".contains("does not exist") }
        try put("config/config_train.json", #"{"train": {"model": \#(Self.unetr)}}"#)
        #expect { try ArchiveImport(root) } throws: { "\($0)".contains("models/model.pt or models_2gpu/best_metric_model.pt") }
        try put("readme.txt", "x")
        #expect { try ArchiveImport(root.appending(path: "readme.txt")) } throws: { "\($0)".contains("readme.txt") }
    }

    // MARK: Packed archives

    @Test(arguments: ["", "clara_v1/"]) func aPackedArchiveIsTheSameAsItsFolder(around: String) throws {
        try makeArchive()
        let names = ["config/config_train.json", "models_2gpu/best_metric_model.pt"]
        let files = try names.map { (around + $0, try Data(contentsOf: root.appending(path: $0))) }
        let zip = folder.file("clara.zip")
        try PackedArchive.bytes(files).write(to: zip)
        let imported = try ArchiveImport(zip)
        #expect(try imported.model.state == ArchiveImport(root).model.state)
    }

    @Test func namesThatLeaveAPackedArchiveAreRefused() throws {
        try makeArchive()
        let configuration = try Data(contentsOf: root.appending(path: "config/config_train.json"))
        for name in ["../evil.sh", "/etc/evil", "a/../../evil"] {
            let zip = folder.file("evil.zip")
            try PackedArchive.bytes([("config/config_train.json", configuration), (name, Data("x".utf8))]).write(to: zip)
            #expect { try ArchiveImport(zip) } throws: { "\($0)".contains("leave the archive") }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.url.deletingLastPathComponent().appending(path: "evil.sh").path))
    }

    @Test func damagedAndDishonestEntriesAreRefused() throws {
        try makeArchive()
        let configuration = try Data(contentsOf: root.appending(path: "config/config_train.json"))
        let weights = try Data(contentsOf: root.appending(path: "models_2gpu/best_metric_model.pt"))
        let files = [("config/config_train.json", configuration), ("models/model.pt", weights)]
        let zip = folder.file("damaged.zip")
        try PackedArchive.bytes(files, wrongChecksum: true).write(to: zip)
        #expect { try ArchiveImport(zip) } throws: { "\($0)".contains("damaged") }
        try PackedArchive.bytes(files, claimedSize: 1 << 31).write(to: zip)
        #expect { try ArchiveImport(zip) } throws: { "\($0)".contains("claims") || "\($0)".contains("damaged") }
        try PackedArchive.bytes(files).prefix(4000).write(to: zip)
        #expect(throws: ArchiveError.self) { try ArchiveImport(zip) }
    }
}

/// ZIP files whose entries say that they are deflated (RFC 1951, in blocks that are stored).
enum PackedArchive {
    static func bytes(_ files: [(name: String, content: Data)], wrongChecksum: Bool = false, claimedSize: Int? = nil) -> Data {
        var (archive, directory) = (Data(), Data())
        for (name, content) in files {
            let packed = deflated(content)
            let checksum = Checksum.crc32(content) ^ (wrongChecksum ? 1 : 0)
            let sizes = [integer(UInt32(packed.count)), integer(UInt32(claimedSize ?? content.count)), integer(UInt16(name.utf8.count))]
            let head = [integer(20 as UInt16), integer(0 as UInt16), integer(8 as UInt16), integer(0 as UInt32), integer(checksum)]
            let common = joined(head + sizes + [integer(0 as UInt16)])
            let offset = integer(UInt32(archive.count))
            archive += joined([integer(0x0403_4B50 as UInt32), common, Data(name.utf8), packed])
            directory += joined([
                integer(0x0201_4B50 as UInt32), integer(20 as UInt16), common, Data(count: 10), offset, Data(name.utf8),
            ])
        }
        let count = integer(UInt16(files.count))
        let place = [integer(UInt32(directory.count)), integer(UInt32(archive.count)), Data(count: 2)]
        return joined([archive, directory, integer(0x0605_4B50 as UInt32), Data(count: 4), count, count] + place)
    }

    private static func joined(_ parts: [Data]) -> Data { parts.reduce(into: Data()) { $0.append($1) } }

    private static func deflated(_ content: Data) -> Data {
        var result = Data()
        var rest = content[...]
        repeat {
            let block = rest.prefix(65535)
            rest = rest.dropFirst(block.count)
            result.append(rest.isEmpty ? 1 : 0)
            result.append(integer(UInt16(block.count)))
            result.append(integer(~UInt16(block.count)))
            result.append(block)
        } while !rest.isEmpty
        return result
    }

    private static func integer<Value: FixedWidthInteger>(_ value: Value) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
}
