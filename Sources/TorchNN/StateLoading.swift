import Torch

/// What became of every tensor of a state dictionary when it was loaded into a module.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    /// A tensor whose shape in the file is not the module's.
    public struct Mismatch: Sendable, Equatable {
        public var name: String
        public var expected: [Int]
        public var found: [Int]

        public init(name: String, expected: [Int], found: [Int]) {
            self.name = name
            self.expected = expected
            self.found = found
        }
    }

    /// Names copied.
    public var loaded: [String] = []
    /// Names of the module that the dictionary lacks.
    public var missing: [String] = []
    /// Names of the dictionary that the module lacks.
    public var unexpected: [String] = []
    /// Names in both with different shapes; not copied.
    public var mismatched: [Mismatch] = []

    public init() {}

    /// Whether every parameter was set and nothing was left over.
    public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty && !loaded.isEmpty }

    public var description: String {
        func list(_ names: [String]) -> String {
            names.isEmpty ? "0" : "\(names.count) (\(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", …" : ""))"
        }
        let shapes = mismatched.map { "\($0.name) \($0.found) instead of \($0.expected)" }
        return "loaded \(loaded.count), missing \(list(missing)), unexpected \(list(unexpected)), mismatched \(list(shapes))"
    }
}

/// What a caller accepts of a load besides a complete match.
public struct LoadPolicy: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Parameters without an entry keep their values.
    public static let allowsMissing = LoadPolicy(rawValue: 1)
    /// Entries without a parameter are passed over.
    public static let allowsUnexpected = LoadPolicy(rawValue: 2)
    /// Entries of another shape are passed over.
    public static let allowsMismatched = LoadPolicy(rawValue: 4)
    /// Everything must match.
    public static let strict: LoadPolicy = []
    /// Whatever fits is loaded, as long as something is.
    public static let partial: LoadPolicy = [.allowsMissing, .allowsUnexpected, .allowsMismatched]
}

/// Why a state was not loaded; the module is unchanged.
public enum StateError: Error, CustomStringConvertible {
    /// The names or shapes do not match as the policy demands.
    case refused(LoadReport)
    case torch(TorchError)

    public var description: String {
        switch self {
        case .refused(let report): "the weights do not fit the network: \(report)"
        case .torch(let error): error.description
        }
    }
}

extension Module {
    /// Copies tensors into the parameters of the same names. Nothing is changed unless the match satisfies the policy, and a load of
    /// nothing at all is always refused.
    @discardableResult
    public func loadState(_ tensors: [String: Tensor], policy: LoadPolicy = .strict) throws(StateError) -> LoadReport {
        var report = LoadReport()
        var copies: [(parameter: Tensor, source: Tensor)] = []
        let own = namedParameters()
        for (name, parameter) in own {
            guard let source = tensors[name] else {
                report.missing.append(name)
                continue
            }
            if source.shape == parameter.shape {
                report.loaded.append(name)
                copies.append((parameter, source))
            } else {
                report.mismatched.append(.init(name: name, expected: parameter.shape, found: source.shape))
            }
        }
        let names = Set(own.map(\.name))
        report.unexpected = tensors.keys.filter { !names.contains($0) }.sorted()
        let refused =
            report.loaded.isEmpty || (!report.missing.isEmpty && !policy.contains(.allowsMissing))
            || (!report.unexpected.isEmpty && !policy.contains(.allowsUnexpected))
            || (!report.mismatched.isEmpty && !policy.contains(.allowsMismatched))
        if refused { throw .refused(report) }
        do {
            for (parameter, source) in copies { try parameter.assign(source) }
        } catch {
            throw .torch(error)
        }
        return report
    }
}
