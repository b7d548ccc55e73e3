import Foundation

/// Weight files on disk: what they are, reading and writing them.
public enum WeightFile {
    /// Reads the tensors of a `.safetensors` file, memory-mapped.
    /// - Throws: `WeightError` naming the file.
    public static func readSafetensors(_ url: URL) throws(WeightError) -> StateDictionary {
        do { return try SafetensorsReader.read(FileBytes(url)) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// Writes `state` as a `.safetensors` file, atomically.
    /// - Throws: `WeightError` naming the file.
    public static func writeSafetensors(_ state: StateDictionary, to url: URL) throws(WeightError) {
        do { try SafetensorsWriter.write(state, to: url) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }
}
