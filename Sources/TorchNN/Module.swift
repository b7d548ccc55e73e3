import Torch

/// A layer or network: a value holding parameters and other modules.
///
/// Modules are structs; the parameters are references, so copies of a module share them. Names in the state dictionary derive from
/// property names: `encoder1.layer.conv1` is the property `conv1` of the property `layer` of the property `encoder1`, words of a camel-case
/// name are joined by underscores (`patchEmbedding` → `patch_embedding`), elements of an array count from 0. `stateNames` replaces a property's
/// name where an established file format uses another one; the empty name leaves the level out.
public protocol Module {
    /// Names in files of properties whose own name is another: property → name.
    static var stateNames: [String: String] { get }
}

extension Module {
    public static var stateNames: [String: String] { [:] }
}

/// A trained tensor of a module.
@propertyWrapper
public struct Parameter {
    public let wrappedValue: Tensor

    /// Starts recording gradients for the tensor.
    public init(wrappedValue: Tensor) { self.wrappedValue = wrappedValue }
}

/// A trained tensor that a module may lack, such as the bias of a layer built without.
@propertyWrapper
public struct OptionalParameter {
    public let wrappedValue: Tensor?

    public init(wrappedValue: Tensor?) { self.wrappedValue = wrappedValue }
}

extension Module {
    /// Every parameter with its name in the state dictionary, in the order of the properties.
    public func namedParameters() -> [(name: String, tensor: Tensor)] {
        var found: [(name: String, tensor: Tensor)] = []
        collectParameters(of: self, prefix: "", into: &found)
        return found
    }

    /// Every parameter, in the order of the properties.
    public var parameters: [Tensor] { namedParameters().map(\.tensor) }

    /// How many numbers are trained.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// Turns gradient recording of all parameters on or off (freezing).
    public func setRequiresGradient(_ value: Bool) throws(TorchError) {
        for parameter in parameters { try parameter.requiringGradient(value) }
    }

    /// Moves all parameters, in place, to another device or type. Make the optimizer afterwards.
    public func move(to device: Device? = nil, dtype: DType? = nil) throws(TorchError) {
        for parameter in parameters {
            try parameter.replaceStorage(with: parameter.detached().to(dtype ?? parameter.dtype, device ?? parameter.device))
        }
    }
}

/// One walk over the stored properties.
private func collectParameters(of value: Any, prefix: String, into found: inout [(name: String, tensor: Tensor)]) {
    let names = (value as? any Module).map { type(of: $0).stateNames } ?? [:]
    for (label, child) in Mirror(reflecting: value).children {
        guard let label else { continue }
        let property = label.hasPrefix("_") ? String(label.dropFirst()) : label
        let path = join(prefix, names[property] ?? snakeCased(property))
        collect(child, path: path, into: &found)
    }
}

private func collect(_ child: Any, path: String, into found: inout [(name: String, tensor: Tensor)]) {
    switch child {
    case let parameter as Parameter:
        found.append((path, parameter.wrappedValue))
    case let parameter as OptionalParameter:
        if let tensor = parameter.wrappedValue { found.append((path, tensor)) }
    case let module as any Module:
        collectParameters(of: module, prefix: path, into: &found)
    case let modules as [any Module]:
        for (index, module) in modules.enumerated() { collectParameters(of: module, prefix: join(path, "\(index)"), into: &found) }
    default:
        break
    }
}

private func join(_ prefix: String, _ name: String) -> String {
    name.isEmpty ? prefix : prefix.isEmpty ? name : prefix + "." + name
}

/// `patchEmbedding` → `patch_embedding`; digits stay attached.
private func snakeCased(_ name: String) -> String {
    name.reduce(into: "") { result, character in
        if character.isUppercase, !result.isEmpty { result += "_" }
        result += character.lowercased()
    }
}
