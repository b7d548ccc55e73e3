import Foundation

/// Weight files on disk: what they are, reading and writing them. Contents decide, not file names.
public enum WeightFile {
    /// The kinds of weight file.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// `.safetensors`: Viscera's own format when the metadata say so.
        case safetensors
        /// `.pt`, `.pth`: a ZIP archive of a pickle and raw storages (PyTorch 1.6 and later).
        case torchCheckpoint
        /// `.pt`, `.pth` of older PyTorch: pickles followed by raw storages.
        case legacyTorchCheckpoint
        /// `.ts`, `.pt`: a TorchScript program, to be run as a foreign model.
        case torchScript
    }

    /// What the file at `url` is.
    /// - Throws: `WeightError` naming the file when it is not a weight file, with a guess at what it is.
    public static func kind(of url: URL) throws(WeightError) -> Kind {
        try naming(url) { file throws(WeightError) in try kind(of: file) }
    }

    /// Reads the tensors of a weight file of any kind but TorchScript. Nothing in the file is executed.
    /// - Throws: `WeightError` naming the file: not a weight file, damaged, dishonest, or asking for a forbidden global.
    public static func read(_ url: URL) throws(WeightError) -> LoadedWeights {
        try naming(url) { file throws(WeightError) in try weights(file) }
    }

    /// Reads the tensors of a `.safetensors` file, memory-mapped.
    /// - Throws: `WeightError` naming the file.
    public static func readSafetensors(_ url: URL) throws(WeightError) -> StateDictionary {
        try naming(url) { file throws(WeightError) in try SafetensorsReader.read(file) }
    }

    /// Writes `state` as a `.safetensors` file, atomically.
    /// - Throws: `WeightError` naming the file.
    public static func writeSafetensors(_ state: StateDictionary, to url: URL) throws(WeightError) {
        do { try SafetensorsWriter.write(state, to: url) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// Writes `state` as a `.pt` file that `torch.load(…, weights_only=True)` reads, atomically.
    /// - Parameter entry: the entry of a dictionary to put the weights under, for example `state_dict`; the metadata then go beside them
    ///   under `metadata`. With `nil` the weights are the whole file and the metadata are dropped.
    /// - Throws: `WeightError` naming the file.
    public static func writeTorchCheckpoint(_ state: StateDictionary, to url: URL, entry: String? = nil) throws(WeightError) {
        do { try TorchArchiveWriter.write(state, to: url, entry: entry) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// What the bytes are.
    package static func kind(of file: FileBytes) throws(WeightError) -> Kind {
        if ZipArchive.recognizes(file) { return try TorchArchive(file).isTorchScript ? .torchScript : .torchCheckpoint }
        if LegacyCheckpoint.recognizes(file) { return .legacyTorchCheckpoint }
        if SafetensorsReader.recognizes(file) { return .safetensors }
        throw WeightError(.notWeights(found: guess(file)))
    }

    /// The tensors that the bytes hold.
    package static func weights(_ file: FileBytes) throws(WeightError) -> LoadedWeights {
        switch try kind(of: file) {
        case .safetensors: LoadedWeights(state: try SafetensorsReader.read(file), kind: .safetensors)
        case .legacyTorchCheckpoint: try LegacyCheckpoint.weights(file)
        case .torchCheckpoint, .torchScript: try TorchArchive(file).weights()
        }
    }

    private static func naming<Value>(_ url: URL, _ body: (FileBytes) throws(WeightError) -> Value) throws(WeightError) -> Value {
        do { return try body(FileBytes(url)) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// A guess at what a file is that is no weight file.
    private static func guess(_ file: FileBytes) -> String {
        if file.count == 0 { return "an empty file" }
        let head = [UInt8](file.data(0..<min(file.count, 512)))
        if head.starts(with: [0x1F, 0x8B]) { return "gzip-compressed data (a volume?)" }
        if head.starts(with: [0x80]), head.count > 1, head[1] <= 5 { return "a Python pickle that torch.save did not write" }
        if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) { return "a tar archive (PyTorch before 0.1.10?)" }
        if head.starts(with: [0x5C, 0x01, 0, 0]) || head.starts(with: [0x5C, 0x02, 0, 0]) { return "a NIfTI volume" }
        if head.allSatisfy({ $0 >= 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }), String(validating: head, as: UTF8.self) != nil { return "text" }
        return "unknown binary data"
    }
}
