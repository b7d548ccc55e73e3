import Foundation

/// Storages and the tensors that view them.
extension Unpickler {
    /// The storage that a persistent identifier ('storage', type, key, device, count) refers to.
    mutating func storage(_ identifier: PickleValue) throws(WeightError) -> PickleValue {
        guard case .tuple(let index) = identifier else { throw failure("a persistent identifier that is no storage") }
        var parts = graph.tuples[index]
        if parts.count == 6, parts[5] == .none { parts.removeLast() }
        guard parts.count == 5, parts[0] == .string("storage"), case .global(let global) = parts[1], case .string(let key) = parts[2],
            case .integer(let count) = parts[4]
        else { throw failure("a persistent identifier that is no storage, or a view of one") }
        guard count >= 0 else { throw failure("the storage “\(key)” has \(count) elements") }
        let type: ScalarType?
        switch global {
        case .storage(let scalar): type = scalar
        case .untypedStorage: type = nil
        default: throw failure("the storage “\(key)” has no storage type")
        }
        let storage = PickleGraph.Storage(key: key, type: type, elementCount: count)
        if let known = storageIndices[key] {
            guard graph.storages[known] == storage else { throw failure("the storage “\(key)” is described in two ways") }
            return .storage(known)
        }
        storageIndices[key] = graph.storages.count
        graph.storages.append(storage)
        return .storage(graph.storages.count - 1)
    }

    mutating func tensor(_ arguments: [PickleValue], version: Int) throws(WeightError) -> PickleValue {
        guard arguments.count >= (version == 1 ? 4 : version == 2 ? 6 : 7), arguments.count <= 8, case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1], let shape = graph.integers(arguments[2]), let strides = graph.integers(arguments[3])
        else { throw failure("a tensor whose description is not (storage, offset, size, stride, …)") }
        var type = graph.storages[storage].type
        if version == 3 {
            guard case .global(.dtype(let declared)) = arguments[6] else { throw failure("a tensor without an element type") }
            guard type == nil || type == declared else { throw failure("a tensor of \(declared) in a storage of another type") }
            type = declared
        }
        guard let type else { throw failure("a tensor without an element type") }
        guard offset >= 0, shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
            throw failure("a tensor of shape \(shape), strides \(strides) and offset \(offset)")
        }
        graph.tensors.append(PickleGraph.Tensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
        return .tensor(graph.tensors.count - 1)
    }
}
