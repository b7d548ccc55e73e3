/// What went wrong while reading, mapping or writing weights; the message says what was expected, what was found and what to do.
public struct WeightError: Error, Equatable, Sendable {
    /// The kinds of failure, with what a caller may want to match on.
    public enum Problem: Equatable, Sendable {
        /// The file or folder could not be opened, read, mapped or written; `reason` is the system's.
        case inaccessible(reason: String)
        /// The file is not a weight file at all; `found` says what it looks like.
        case notWeights(found: String)
        /// The file claims a format and breaks its rules at `place`.
        case malformed(format: String, place: String, reason: String)
        /// A pickle names a class or function outside the whitelist. Nothing was executed.
        case forbiddenGlobal(name: String)
        /// The file is well-formed but uses something that is not read or written here.
        case unsupported(what: String, advice: String)
        /// A size or depth exceeds what a weight file may have.
        case limitExceeded(what: String, found: Int, limit: Int)
        /// A tensor of this name was needed and is absent.
        case missingTensor(name: String)
        /// A tensor has another shape or type than needed.
        case mismatch(name: String, expected: String, found: String)
        /// A metadata entry is absent or wrong.
        case metadata(key: String, reason: String)
        /// The same name, of a tensor or of an entry or member of a file, was found twice.
        case duplicateName(name: String, reason: String)
    }

    /// The file concerned, when there is one.
    public var path: String?
    /// What went wrong.
    public var problem: Problem

    /// An error about `problem`, in the file at `path`.
    public init(_ problem: Problem, path: String? = nil) {
        self.problem = problem
        self.path = path
    }

    /// A violation of the rules of `format` at `place`.
    package static func malformed(_ format: String, _ place: String, _ reason: String) -> WeightError {
        WeightError(.malformed(format: format, place: place, reason: reason))
    }

    /// The same error, about the file at `path`, unless it names one already.
    package func inFile(_ path: String) -> WeightError { WeightError(problem, path: self.path ?? path) }
}

extension WeightError: CustomStringConvertible {
    /// One line: the file, what was expected and found, what to do.
    public var description: String { path.map { "\($0): \(problem)" } ?? "\(problem)" }
}

extension WeightError.Problem: CustomStringConvertible {
    /// One line: what was expected and found, what to do.
    public var description: String {
        switch self {
        case .inaccessible(let reason): reason
        case .notWeights(let found):
            "not a weight file: expected .safetensors, .pt, .pth or .ts, found \(found)"
        case .malformed(let format, let place, let reason):
            "damaged or dishonest \(format) file: \(place): \(reason); fetch or export the file again"
        case .forbiddenGlobal(let name):
            "the pickle asks for “\(name)”, which is not on the list of what a weight file may hold; nothing was executed. "
                + "Save only the state_dict (torch.save(model.state_dict(), …)) and try again"
        case .unsupported(let what, let advice): "\(what) is not supported; \(advice)"
        case .limitExceeded(let what, let found, let limit): "\(what) is \(found), more than the \(limit) that a weight file may have"
        case .missingTensor(let name): "the tensor “\(name)” is missing; is the file a model of another architecture?"
        case .mismatch(let name, let expected, let found): "“\(name)”: expected \(expected), found \(found)"
        case .metadata(let key, let reason): "metadata key “\(key)”: \(reason)"
        case .duplicateName(let name, let reason): "the name “\(name)” occurs twice: \(reason)"
        }
    }
}
