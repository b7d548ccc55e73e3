import Torch
import TorchNN
import Weights

extension DType {
    /// The engine's type for a stored one.
    public init(_ type: ScalarType) {
        self =
            switch type {
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: .bfloat16
            case .float64: .float64
            case .int64: .int64
            case .int32: .int32
            case .int16: .int16
            case .int8: .int8
            case .uint8: .uint8
            case .bool: .bool
            }
    }

    /// The stored type for the engine's.
    public var scalarType: ScalarType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .float64: .float64
        case .int64: .int64
        case .int32: .int32
        case .int16: .int16
        case .int8: .int8
        case .uint8: .uint8
        case .bool: .bool
        }
    }
}

extension Tensor {
    /// A tensor of a file's numbers, of the same type, in main memory.
    public convenience init(_ stored: StoredTensor) throws(TorchError) {
        try self.init(stored.bytes, dtype: DType(stored.type), shape: stored.shape)
    }

    /// The numbers for a file.
    public func stored() throws -> StoredTensor { try StoredTensor(type: dtype.scalarType, shape: shape, bytes: data()) }
}

extension Module {
    /// The parameters for a file, sorted by name.
    public func stateDictionary(metadata: [String: String] = [:]) throws -> StateDictionary {
        let sorted = namedParameters().sorted { $0.name < $1.name }
        return try StateDictionary(sorted.map { ($0.name, try $0.tensor.stored()) }, metadata: metadata)
    }

    /// Copies a file's numbers into the parameters of the same names, converting the type.
    ///
    /// Nothing is changed unless the match satisfies the policy; a load of nothing at all is always refused. Tensors of networks saved by
    /// MONAI are renamed first (`StateDictionary`'s own functions).
    @discardableResult
    public func loadState(_ state: StateDictionary, policy: LoadPolicy = .strict) throws(StateError) -> LoadReport {
        var tensors: [String: Tensor] = [:]
        do {
            for (name, stored) in state.entries { tensors[name] = try Tensor(stored) }
        } catch {
            throw .torch(error)
        }
        return try loadState(tensors, policy: policy)
    }
}
