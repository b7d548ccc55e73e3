/// Finds the state dictionary among the entries of an unpickled checkpoint.
struct CheckpointEntries {
    /// The entries that may hold the weights, in order of preference.
    static let names = ["state_dict", "model", "network", "model_state_dict", "net"]

    private let graph: PickleGraph
    private var source: TensorSource
    private(set) var ignored: [LoadedWeights.IgnoredEntry] = []

    init(_ source: TensorSource) {
        graph = source.graph
        self.source = source
    }

    /// The weights under `value`, the checkpoint's top.
    /// - Throws: `WeightError` when there is no state dictionary, or one of its tensors is damaged.
    mutating func weights(_ value: PickleValue, kind: WeightFile.Kind) throws(WeightError) -> LoadedWeights {
        var value = value
        var path: [String] = []
        var metadata: [String: String] = [:]
        while let (name, inner) = namedEntry(of: value), path.count < 4 {
            for item in graph.items(value) ?? [] where item.key != .string(name) {
                if item.key == .string(PickleWriter.metadataEntry), let texts = texts(item.value) {
                    metadata = texts
                } else {
                    ignore(item, under: path)
                }
            }
            path.append(name)
            value = inner
        }
        guard let items = graph.items(value), items.contains(where: { isTensor($0.value) }) else {
            let names = (graph.items(value) ?? []).prefix(12).map { graph.summary($0.key) }
            let found = graph.items(value) == nil ? graph.summary(value) : "entries \(names.joined(separator: ", "))"
            throw WeightError(
                .unsupported(what: "a checkpoint without a state dictionary (\(found))", advice: "save {'state_dict': model.state_dict()} instead"))
        }
        var state = StateDictionary(metadata: metadata)
        for item in items {
            guard case .tensor(let index) = item.value, case .string(let name) = item.key else {
                ignore(item, under: path)
                continue
            }
            guard state[name] == nil else { throw WeightError(.duplicateName(name: name, reason: "in the pickle")) }
            state[name] = try source.tensor(index, name: name)
        }
        return LoadedWeights(state: state, kind: kind, entry: path.isEmpty ? nil : path.joined(separator: "."), ignored: ignored)
    }

    /// The preferred entry that is a dictionary with tensors in it, directly or one level further down.
    private func namedEntry(of value: PickleValue) -> (name: String, value: PickleValue)? {
        guard let items = graph.items(value) else { return nil }
        for name in Self.names {
            guard let item = items.first(where: { $0.key == .string(name) }), let inner = graph.items(item.value) else { continue }
            if inner.contains(where: { isTensor($0.value) || graph.items($0.value) != nil && isPreferred($0.key) }) { return (name, item.value) }
        }
        return nil
    }

    private func isPreferred(_ key: PickleValue) -> Bool {
        if case .string(let name) = key { return Self.names.contains(name) }
        return false
    }

    private func isTensor(_ value: PickleValue) -> Bool {
        if case .tensor = value { return true }
        return false
    }

    /// A dictionary of texts.
    private func texts(_ value: PickleValue) -> [String: String]? {
        guard let items = graph.items(value) else { return nil }
        var texts: [String: String] = [:]
        for item in items {
            guard case .string(let key) = item.key, case .string(let text) = item.value else { return nil }
            texts[key] = text
        }
        return texts
    }

    private mutating func ignore(_ item: PickleGraph.Item, under path: [String]) {
        let name: String
        if case .string(let text) = item.key { name = text } else { name = graph.summary(item.key) }
        ignored.append(LoadedWeights.IgnoredEntry(name: (path + [name]).joined(separator: "."), summary: graph.summary(item.value)))
    }
}
