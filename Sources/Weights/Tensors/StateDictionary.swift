/// Named tensors in the order in which the file or the model lists them, and the file's text metadata.
public struct StateDictionary: Sendable, Equatable {
    /// The names, in order.
    public private(set) var names: [String] = []
    private var tensors: [String: StoredTensor] = [:]
    /// Free text entries, as in the `__metadata__` of a safetensors file.
    public var metadata: [String: String] = [:]

    /// An empty dictionary.
    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// A dictionary of the given entries, in order.
    /// - Throws: `WeightError` when a name occurs twice.
    public init(_ entries: [(name: String, tensor: StoredTensor)], metadata: [String: String] = [:]) throws(WeightError) {
        self.metadata = metadata
        for (name, tensor) in entries {
            if tensors[name] != nil { throw WeightError(.duplicateName(name: name, reason: "a state dictionary names each tensor once")) }
            self[name] = tensor
        }
    }

    /// The number of tensors.
    public var count: Int { names.count }
    /// Whether there is no tensor.
    public var isEmpty: Bool { names.isEmpty }
    /// The number of elements of all tensors.
    public var parameterCount: Int { tensors.values.reduce(0) { $0 + $1.elementCount } }
    /// The number of bytes of all tensors.
    public var byteCount: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

    /// The names and tensors, in order.
    public var entries: [(name: String, tensor: StoredTensor)] { names.map { ($0, tensors[$0]!) } }

    /// The tensor called `name`. A new name is appended; setting `nil` removes the entry.
    public subscript(name: String) -> StoredTensor? {
        get { tensors[name] }
        set {
            let known = tensors.updateOrRemove(newValue, for: name)
            if newValue != nil, !known { names.append(name) }
            if newValue == nil, known { names.removeAll { $0 == name } }
        }
    }

    /// The tensor called `name`.
    /// - Throws: `WeightError` naming the tensor when it is absent.
    public func tensor(_ name: String) throws(WeightError) -> StoredTensor {
        guard let tensor = tensors[name] else { throw WeightError(.missingTensor(name: name)) }
        return tensor
    }

    /// The same tensors with every floating-point one stored as `type`.
    /// - Throws: `WeightError` when `type` is not a floating-point type.
    public func storingFloats(as type: ScalarType) throws(WeightError) -> StateDictionary {
        guard type.isFloatingPoint else {
            throw WeightError(.unsupported(what: "storing weights as \(type)", advice: "choose float32, float16 or bfloat16"))
        }
        var result = self
        for (name, tensor) in entries where tensor.type.isFloatingPoint { result.tensors[name] = try tensor.converted(to: type) }
        return result
    }
}

extension StateDictionary: CustomStringConvertible {
    /// How much there is, in a few words.
    public var description: String { "\(count) tensors, \(parameterCount) elements, \(metadata.count) metadata entries" }
}

extension Dictionary {
    /// Sets or removes the value for `key`; returns whether there was one before.
    fileprivate mutating func updateOrRemove(_ value: Value?, for key: Key) -> Bool {
        if let value { return updateValue(value, forKey: key) != nil }
        return removeValue(forKey: key) != nil
    }
}
