import Foundation

/// PyTorch's ZIP checkpoints: `<root>/data.pkl` and one record `<root>/data/<key>` per storage.
struct TorchArchive {
    private let file: FileBytes
    private let archive: ZipArchive
    private let root: String

    /// Opens the archive.
    /// - Throws: `WeightError` when it is no readable ZIP or holds no pickle.
    init(_ file: FileBytes) throws(WeightError) {
        self.file = file
        archive = try ZipArchive(file)
        let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") && $0.name.split(separator: "/").count == 2 }
        guard pickles.count == 1 else {
            throw WeightError(.notWeights(found: "a ZIP archive \(pickles.isEmpty ? "without" : "with several") “data.pkl”"))
        }
        root = String(pickles[0].name.dropLast("data.pkl".count))
    }

    /// Whether the archive is a TorchScript program, with code, rather than a bare checkpoint.
    var isTorchScript: Bool { archive.entry(root + "constants.pkl") != nil || archive.entries.contains { $0.name.hasPrefix(root + "code/") } }

    /// The weights of the checkpoint.
    /// - Throws: `WeightError` when the archive is a TorchScript program, damaged or dishonest, or names a forbidden global.
    func weights() throws(WeightError) -> LoadedWeights {
        guard !isTorchScript else {
            throw WeightError(
                .unsupported(
                    what: "reading the tensors of a TorchScript program",
                    advice: "run it as a foreign model, or save the model's state_dict with torch.save"))
        }
        guard let entry = archive.entry(root + "data.pkl") else { throw WeightError(.missingTensor(name: "data.pkl")) }
        let result = try Unpickler.read(file, try archive.range(entry))
        let (archive, root) = (archive, root)
        let source = TensorSource(file: file, graph: result.graph, isBigEndian: try isBigEndian()) { key in
            guard let entry = archive.entry("\(root)data/\(key)") else {
                throw WeightError.malformed("PyTorch", "the storage “\(key)”", "there is no such record in the archive")
            }
            return try archive.range(entry)
        }
        var entries = CheckpointEntries(source)
        return try entries.weights(result.value, kind: .torchCheckpoint)
    }

    private func isBigEndian() throws(WeightError) -> Bool {
        guard let entry = archive.entry(root + "byteorder") else { return false }
        switch String(decoding: try archive.data(entry).prefix(16), as: UTF8.self) {
        case "little": return false
        case "big": return true
        default: throw .malformed("PyTorch", "“byteorder”", "expected “little” or “big”")
        }
    }
}

/// Writes PyTorch checkpoints that `torch.load(…, weights_only=True)` reads.
enum TorchArchiveWriter {
    /// Writes `state`, bare or under the entry called `entry`.
    /// - Throws: `WeightError` when the file cannot be written.
    static func write(_ state: StateDictionary, to url: URL, entry: String?) throws(WeightError) {
        var zip = try ZipWriter(url)
        try zip.add("archive/data.pkl", PickleWriter.pickle(state, entry: entry))
        try zip.add("archive/byteorder", Data("little".utf8))
        for (index, stored) in state.entries.enumerated() { try zip.add("archive/data/\(index)", stored.tensor.bytes) }
        try zip.add("archive/version", Data("3\n".utf8))
        try zip.commit()
    }
}
