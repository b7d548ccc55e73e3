import Foundation

/// What a weight file is and holds, for people and for scripts.
public struct WeightDescription: Sendable {
    /// Something about the tensors' values that a healthy model does not have.
    public struct Anomaly: Sendable, Equatable {
        public var tensor: String
        public var finding: String
    }

    public var kind: WeightFile.Kind
    /// The entry of the checkpoint that held the weights, for example `state_dict`.
    public var entry: String?
    public var tensorCount = 0
    public var parameterCount = 0
    /// The number of tensors of each element type.
    public var types: [ScalarType: Int] = [:]
    /// The names' way to the canonical ones.
    public var mapping = NameMappingReport()
    /// The architecture: what the metadata say, otherwise what the shapes imply.
    public var architecture = InferredArchitecture(of: StateDictionary())
    /// The metadata of a Viscera model.
    public var metadata: ModelMetadata?
    /// Metadata as text, whatever they are.
    public var texts: [String: String] = [:]
    /// What else the checkpoint held.
    public var ignored: [LoadedWeights.IgnoredEntry] = []
    /// Tensors with NaN, infinite or only zero values, and metadata that contradict the tensors.
    public var anomalies: [Anomaly] = []

    /// A description of a kind of file about which nothing else is known.
    public init(kind: WeightFile.Kind) { self.kind = kind }
}

extension WeightFile {
    /// What the file at `url` is and holds; looks at every value.
    /// - Throws: `WeightError` naming the file when it cannot be read as weights at all.
    public static func describe(_ url: URL) throws(WeightError) -> WeightDescription {
        let kind = try kind(of: url)
        if kind == .torchScript { return WeightDescription(kind: kind) }
        do { return try describe(read(url)) } catch { throw error.inFile(url.path(percentEncoded: false)) }
    }

    /// What `loaded` holds.
    /// - Throws: `WeightError` when two of its names become one canonical name.
    public static func describe(_ loaded: LoadedWeights) throws(WeightError) -> WeightDescription {
        var description = WeightDescription(kind: loaded.kind)
        let state = loaded.state
        (description.entry, description.ignored, description.texts) = (loaded.entry, loaded.ignored, state.metadata)
        (description.tensorCount, description.parameterCount) = (state.count, state.parameterCount)
        for (_, tensor) in state.entries { description.types[tensor.type, default: 0] += 1 }
        let canonical = try NameMapping.canonical(state)
        description.mapping = canonical.report
        if ModelMetadata.isPresent(in: state.metadata) {
            do { description.metadata = try ModelMetadata(state.metadata) } catch {
                description.anomalies.append(.init(tensor: "metadata", finding: "\(error)"))
            }
        }
        let stated = description.metadata?.architecture
        description.architecture = InferredArchitecture(of: canonical.state, imageShape: stated?.imageShape, headCount: stated?.headCount)
        if let stated, let inferred = description.architecture.architecture {
            var comparable = stated
            comparable.hiddenStateTaps = nil
            if comparable != inferred {
                description.anomalies.append(.init(tensor: "metadata", finding: "the architecture stated is not the one of the tensors"))
            }
        }
        description.architecture.architecture?.hiddenStateTaps = stated?.hiddenStateTaps
        for (name, tensor) in state.entries { description.anomalies += anomalies(name, tensor) }
        return description
    }

    private static func anomalies(_ name: String, _ tensor: StoredTensor) -> [WeightDescription.Anomaly] {
        guard tensor.type.isFloatingPoint, tensor.elementCount > 0 else { return [] }
        let values = tensor.floats()
        var (notNumbers, infinite, zeros) = (0, 0, 0)
        for value in values {
            if value.isNaN { notNumbers += 1 } else if value.isInfinite { infinite += 1 } else if value == 0 { zeros += 1 }
        }
        var findings: [String] = []
        if notNumbers > 0 { findings.append("\(notNumbers) of \(values.count) values are not a number") }
        if infinite > 0 { findings.append("\(infinite) of \(values.count) values are infinite") }
        // Biases start at zero and class tokens stay there; matrices of zeros were never filled.
        if zeros == values.count, tensor.shape.count(where: { $0 > 1 }) > 1 { findings.append("all \(values.count) values are zero") }
        return findings.map { WeightDescription.Anomaly(tensor: name, finding: $0) }
    }
}
