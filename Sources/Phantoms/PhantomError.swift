/// What can be wrong with the inputs of a phantom.
public enum PhantomError: Error, Equatable, CustomStringConvertible {
    /// An option is outside its range; `expected` says which values are possible.
    case invalidOption(name: String, found: String, expected: String)
    /// The anatomy holds a label that the table does not name.
    case unknownStructure(label: UInt8)
    /// The anatomy cannot be painted; `reason` says why.
    case unusableAnatomy(reason: String)

    public var description: String {
        switch self {
        case .invalidOption(let name, let found, let expected):
            "phantom option \(name) is \(found); expected \(expected)"
        case .unknownStructure(let label):
            "the anatomy holds label \(label), which its table does not name; add the structure to the table or remove it from the map"
        case .unusableAnatomy(let reason):
            "the anatomy cannot be painted: \(reason)"
        }
    }
}
