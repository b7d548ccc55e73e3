import Foundation

/// A value on the unpickler's stack. Containers are indices into a `PickleGraph`, so that deep nesting and cycles cost nothing to hold
/// or to free.
package enum PickleValue: Equatable, Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer beyond 64 bits: its little-endian two's complement bytes.
    case wideInteger(Data)
    case real(Double)
    case string(String)
    case bytes(Data)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
    /// An inert stand-in for an object of a listed type that carries no weights, such as a NumPy scalar.
    case object(String)
}

/// The containers, storages and tensors that a pickle built.
package struct PickleGraph: Sendable {
    /// One item of a dictionary.
    package struct Item: Sendable {
        package var key: PickleValue
        package var value: PickleValue
    }

    /// A reference to the bytes of one storage record.
    package struct Storage: Equatable, Sendable {
        package var key: String
        /// The type of its elements; `nil` for an untyped storage, counted in bytes.
        package var type: ScalarType?
        package var elementCount: Int
    }

    /// A view of a storage: offset and strides in elements.
    package struct Tensor: Equatable, Sendable {
        package var storage: Int
        package var type: ScalarType
        package var offset: Int
        package var shape: [Int]
        package var strides: [Int]
    }

    /// The elements of each tuple.
    package var tuples: [[PickleValue]] = []
    /// The elements of each list or set.
    package var lists: [[PickleValue]] = []
    /// The items of each dictionary, in order.
    package var dictionaries: [[Item]] = []
    package var storages: [Storage] = []
    package var tensors: [Tensor] = []

    /// The elements of a tuple or list.
    package func elements(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let index): tuples[index]
        case .list(let index): lists[index]
        default: nil
        }
    }

    /// The whole numbers of a tuple or list that holds nothing else, and no more of them than a tensor has axes.
    package func integers(_ value: PickleValue) -> [Int]? {
        guard let elements = elements(value), elements.count <= 64 else { return nil }
        var integers: [Int] = []
        for element in elements {
            guard case .integer(let integer) = element else { return nil }
            integers.append(integer)
        }
        return integers
    }

    /// The items of a dictionary.
    package func items(_ value: PickleValue) -> [Item]? {
        if case .dictionary(let index) = value { return dictionaries[index] }
        return nil
    }

    /// A few words about a value, for reports.
    package func summary(_ value: PickleValue) -> String {
        switch value {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .wideInteger: "a large integer"
        case .string(let text): "“\(text.prefix(60))”"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .tuple(let index): "a tuple of \(tuples[index].count)"
        case .list(let index): "a list of \(lists[index].count)"
        case .dictionary(let index): "a dictionary of \(dictionaries[index].count)"
        case .global(let global): "\(global)"
        case .storage: "a storage"
        case .tensor(let index): "a tensor \(tensors[index].shape)"
        case .object(let name): name
        }
    }
}
