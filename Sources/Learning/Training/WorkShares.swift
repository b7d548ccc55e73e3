import Foundation
import Torch

/// How the processes of a run share work whose parts do not depend on each other, such as the cases of a validation: part *i* falls to process
/// *i* mod size. Alone, a process does all of it. Every process makes the same calls in the same order, also one that no part falls to.
public struct WorkShares {
    let processes: ProcessGroup?

    /// - Parameter processes: those that share; `nil`: this one does it all.
    public init(_ processes: ProcessGroup? = nil) { self.processes = processes }

    /// Whether this process is the one that reports and writes.
    public var isFirst: Bool { processes?.isFirst ?? true }

    /// The process that a part falls to.
    func owner(of part: Int) -> Int { part % (processes?.size ?? 1) }

    /// Whether a part falls to this process.
    func isOwn(_ part: Int) -> Bool { owner(of: part) == processes?.rank ?? 0 }

    /// How many of `count` parts fall to this process.
    public func ownCount(of count: Int) -> Int { (0..<count).count(where: isOwn) }

    /// What `body` gives for the parts 0 ..< `count`, in this order, in every process; each calls it for its own parts.
    ///
    /// Values travel as JSON, which gives every number back bit by bit (NaN as a NaN).
    /// - Throws: in every process when `body` throws in one, as `together` says.
    package func results<Value: Codable>(_ count: Int, _ body: (Int) throws -> Value) throws -> [Value] {
        guard let processes else { return try (0..<count).map(body) }
        let own = try together { try Self.encoder.encode((0..<count).filter(isOwn).map(body)) }
        let shares = try processes.gather([UInt8](own)).map { try Self.decoder.decode([Value].self, from: Data($0)) }
        return (0..<count).map { shares[owner(of: $0)][$0 / processes.size] }
    }

    /// The bytes that the process of a part has, in that process and the first; empty or the same in the others.
    func handedToFirst(_ bytes: [UInt8], part: Int) throws -> [UInt8] {
        guard let processes, owner(of: part) != 0 else { return bytes }
        return try processes.broadcast(bytes, from: owner(of: part))
    }

    /// Runs `body`, which makes no calls to other processes, in every process.
    /// - Throws: in every process when it throws in one: that process its own error, the others `LearningError.process` with its message. So nobody
    ///   waits for a process that has ended.
    public func together<Result>(_ body: () throws -> Result) throws -> Result {
        let own = Swift.Result(catching: body)
        guard let processes else { return try own.get() }
        var failure = ""
        if case .failure(let error) = own { failure = "\(error)" }
        let failures = try processes.gather([UInt8](failure.utf8))
        if let rank = failures.firstIndex(where: { !$0.isEmpty }), case .success = own {
            throw LearningError.process(rank: rank, reason: String(decoding: failures[rank], as: UTF8.self))
        }
        return try own.get()
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}
