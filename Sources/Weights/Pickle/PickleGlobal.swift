/// The classes and functions that a weight file's pickle may name. Each is data here: recognising one never runs anything.
package enum PickleGlobal: Equatable, Sendable {
    case orderedDictionary
    /// `_rebuild_tensor` (version 1), `_rebuild_tensor_v2` or `_rebuild_tensor_v3`.
    case rebuildTensor(version: Int)
    case rebuildParameter
    case storage(ScalarType)
    case untypedStorage
    case size
    case dtype(ScalarType)
    /// A type whose values carry no weights (NumPy scalars, devices, counters): they become inert objects.
    case inert(String)

    /// The entry for `module.name`.
    /// - Throws: `WeightError` naming the class or function when it is not on the list.
    package init(module: String, name: String) throws(WeightError) {
        let qualified = "\(module).\(name)"
        if let global = Self.listed[qualified] {
            self = global
        } else if Self.inertNames.contains(qualified) {
            self = .inert(qualified)
        } else if Self.foreignTypes.contains(qualified) {
            throw WeightError(.unsupported(what: "the element type of \(qualified)", advice: "convert the tensors to float32 before saving"))
        } else {
            throw WeightError(.forbiddenGlobal(name: String(qualified.prefix(200))))
        }
    }

    private static let storageNames: [(String, ScalarType)] = [
        ("Float", .float32), ("Double", .float64), ("Half", .float16), ("BFloat16", .bfloat16), ("Long", .int64), ("Int", .int32),
        ("Short", .int16), ("Char", .int8), ("Byte", .uint8), ("Bool", .bool),
    ]

    /// The name of PyTorch's storage class for `type`.
    static func storageName(_ type: ScalarType) -> String { storageNames.first { $0.1 == type }!.0 + "Storage" }

    private static let listed: [String: PickleGlobal] = {
        var listed: [String: PickleGlobal] = [
            "collections.OrderedDict": .orderedDictionary,
            "torch._utils._rebuild_tensor": .rebuildTensor(version: 1),
            "torch._utils._rebuild_tensor_v2": .rebuildTensor(version: 2),
            "torch._utils._rebuild_tensor_v3": .rebuildTensor(version: 3),
            "torch._utils._rebuild_parameter": .rebuildParameter,
            "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
            "torch.storage.UntypedStorage": .untypedStorage,
            "torch.storage._UntypedStorage": .untypedStorage,
            "torch.UntypedStorage": .untypedStorage,
            "torch.Size": .size,
        ]
        for (name, type) in storageNames {
            listed["torch.\(name)Storage"] = .storage(type)
            listed["torch.cuda.\(name)Storage"] = .storage(type)
        }
        for type in ScalarType.allCases { listed["torch.\(type.rawValue)"] = .dtype(type) }
        return listed
    }()

    private static let inertNames: Set<String> = [
        "torch.device", "collections.Counter", "builtins.set", "__builtin__.set", "_codecs.encode", "numpy.dtype", "numpy.ndarray",
        "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
    ]

    private static let foreignTypes: Set<String> = Set(
        ["ComplexFloat", "ComplexDouble", "QInt8", "QUInt8", "QInt32", "QUInt4x2", "QUInt2x4"].map { "torch.\($0)Storage" }
            + ["uint16", "uint32", "uint64", "complex32", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"].map { "torch.\($0)" })
}
