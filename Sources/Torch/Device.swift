import CTorch

/// Where a tensor lives and is computed.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of device. Raw values are LibTorch's.
    public enum Kind: Int32, Sendable, CaseIterable {
        case cpu = 0
        case cuda = 1
        case mps = 13
    }

    public var kind: Kind
    /// Which one of its kind; nil is the current one.
    public var index: Int?

    public init(_ kind: Kind, index: Int? = nil) {
        self.kind = kind
        self.index = index
    }

    public static let cpu = Device(.cpu)
    public static let cuda = Device(.cuda)
    public static let mps = Device(.mps)

    /// `cpu`, `cuda`, `cuda:1`, `mps`.
    public var description: String { index.map { "\(kind):\($0)" } ?? "\(kind)" }

    var raw: CTorchDevice { CTorchDevice(type: kind.rawValue, index: Int32(index ?? -1)) }

    init(raw: CTorchDevice) {
        kind = Kind(rawValue: raw.type) ?? .cpu
        index = kind == .cpu || raw.index < 0 ? nil : Int(raw.index)
    }
}
