import Foundation

/// A Viscera model as its file stores it: what it says of itself can be changed while its tensors stay as they are, bit for bit.
public struct StoredModel: Sendable {
    private var state: StateDictionary

    /// Reads a `.safetensors` file with the metadata of a Viscera model.
    /// - Throws: `WeightError` naming the file: unreadable, of another kind, or with metadata that cannot be.
    public init(contentsOf url: URL) throws(WeightError) {
        let path = url.path(percentEncoded: false)
        let kind = try WeightFile.kind(of: url)
        guard kind == .safetensors else {
            throw WeightError(
                .unsupported(
                    what: "changing what a file of kind \(kind.rawValue) says of itself",
                    advice: "give a Viscera model (.safetensors); “viscera export” makes one of weights"), path: path)
        }
        state = try WeightFile.readSafetensors(url)
        guard ModelMetadata.isPresent(in: state.metadata) else {
            throw WeightError(
                .unsupported(
                    what: "changing what a file without the metadata of a Viscera model says of itself",
                    advice: "make a Viscera model of the weights with “viscera export”"), path: path)
        }
        do { _ = try ModelMetadata(state.metadata) } catch { throw error.inFile(path) }
    }

    /// States how the network's label maps are treated, in place of what was stated.
    /// - Parameter classes: the names of the classes, stated too where the file names none.
    /// - Throws: `WeightError` when a name is not one of the model's classes.
    public mutating func setPostprocessing(_ postprocessing: Postprocessing, classes: [String]) throws(WeightError) {
        var metadata = try ModelMetadata(state.metadata)
        if metadata.classes.isEmpty { metadata.classes = classes }
        metadata.postprocessing = postprocessing
        // Other entries keep their very text.
        let entries = try metadata.entries()
        for key in ["classes", "postprocessing"] { state.metadata[key] = entries[key] }
    }

    /// Writes the model, atomically: the same tensors in the same order and of the same types.
    /// - Throws: `WeightError` naming the file when it cannot be written.
    public func write(to url: URL) throws(WeightError) { try WeightFile.writeSafetensors(state, to: url) }
}
