import Foundation

/// A network's weights under canonical names with all that is needed to build it, whatever file they came from.
public struct ModelFile: Sendable {
    /// The tensors that the network uses, under canonical names.
    public var state: StateDictionary
    /// The network's sizes: as the metadata state, otherwise as the shapes imply.
    public var architecture: Architecture
    /// What shapes did not tell and was assumed, in sentences; empty for a Viscera model.
    public var assumptions: [String]
    /// The metadata of a Viscera model.
    public var metadata: ModelMetadata?
    /// What became of the file's names.
    public var mapping: NameMappingReport
    /// What else a checkpoint held.
    public var ignored: [LoadedWeights.IgnoredEntry]
    /// The kind of file.
    public var kind: WeightFile.Kind

    /// Reads a Viscera model, or a checkpoint of any MONAI generation.
    /// - Parameter perceptron: what to do with patches projected by a linear layer.
    /// - Throws: `WeightError` naming the file: unreadable, of no network known here, or with metadata that contradict the tensors.
    public static func read(_ url: URL, perceptron: NameMapping.PerceptronHandling = .keep) throws(WeightError) -> ModelFile {
        do { return try ModelFile(WeightFile.read(url), perceptron: perceptron) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// The network in `loaded`.
    /// - Throws: `WeightError` when it is none known here, or its metadata contradict its tensors.
    public init(_ loaded: LoadedWeights, perceptron: NameMapping.PerceptronHandling = .keep) throws(WeightError) {
        (kind, ignored) = (loaded.kind, loaded.ignored)
        (state, mapping) = try NameMapping.canonical(loaded.state, perceptron: perceptron)
        metadata = ModelMetadata.isPresent(in: loaded.state.metadata) ? try ModelMetadata(loaded.state.metadata) : nil
        let stated = metadata?.architecture
        let inferred = InferredArchitecture(of: state, imageShape: stated?.imageShape, headCount: stated?.headCount)
        guard var architecture = inferred.architecture, inferred.problems.isEmpty else {
            let more = inferred.problems.count > 3 ? " and \(inferred.problems.count - 3) more" : ""
            let reasons = inferred.problems.prefix(3).joined(separator: "; ") + more
            throw WeightError(
                .unsupported(
                    what: "a network that is neither UNETR nor its auto-encoder as built here (\(reasons))",
                    advice: "“viscera inspect” lists what the file holds"))
        }
        architecture.hiddenStateTaps = stated?.hiddenStateTaps
        if let stated {
            var comparable = stated
            if perceptron == .convertToConvolution { comparable.patchProjection = .convolution }
            guard comparable == architecture else {
                throw WeightError(.metadata(key: "architecture", reason: "it states other sizes than the tensors have"))
            }
        }
        (self.architecture, assumptions) = (architecture, inferred.assumptions)
    }

    /// Writes a Viscera model (`.safetensors` with metadata), atomically.
    /// - Parameters:
    ///   - state: the weights under canonical names; their own metadata are replaced.
    ///   - type: the type to store floating-point tensors in, for example `.float16`; `nil` keeps each as it is.
    /// - Throws: `WeightError` when a tensor is missing, shaped otherwise than `metadata.architecture` says or superfluous, or the file
    ///   cannot be written.
    public static func write(_ state: StateDictionary, metadata: ModelMetadata, to url: URL, storing type: ScalarType? = nil) throws(WeightError) {
        var stored = type == nil ? state : try state.storingFloats(as: type!)
        stored.metadata = try metadata.entries()
        let expected = metadata.architecture.tensors
        for tensor in expected {
            let found = try state.tensor(tensor.name).shape
            guard found == tensor.shape else {
                throw WeightError(.mismatch(name: tensor.name, expected: "\(tensor.shape)", found: "\(found)"))
            }
        }
        guard state.count == expected.count else {
            let names = Set(expected.map(\.name))
            let extra = state.names.first { !names.contains($0) } ?? ""
            throw WeightError(
                .mismatch(name: extra, expected: "\(expected.count) tensors", found: "\(state.count), this one has no place in the network"))
        }
        try WeightFile.writeSafetensors(stored, to: url)
    }
}
