import Foundation
import Subprocess

/// Another program, run as a process of its own.
public enum Program {
    /// What a run left behind.
    public struct Outcome: Sendable {
        /// What the program returned; minus the number of the signal where one ended it.
        public var status: Int32
        /// All of standard output.
        public var output: String
        /// All of standard error.
        public var messages: String
    }

    /// A program that could not be started, or that wrote more than `limit`.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// The most bytes a program may write to either stream: a hundred times what any test reads.
    public static let limit = 4 << 20

    /// As many programs as processors run at once; the tests would start dozens otherwise, each with the threads and the memory of LibTorch.
    private static let places = Places(ProcessInfo.processInfo.activeProcessorCount)

    /// Runs `executable`, whose standard input is empty, and waits for its end.
    /// - Parameters:
    ///   - environment: all variables of the program; those of the tests unless given.
    ///   - folder: where the program works; the folder of the tests unless given.
    /// - Throws: `Failure`, and `CancellationError` where the test was cancelled.
    public static func run(
        _ executable: URL, _ arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment, in folder: URL? = nil
    ) async throws -> Outcome {
        let variables = Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        do {
            let ended = try await places.hold {
                try await Subprocess.run(
                    .path(.init(executable.path)), arguments: Arguments(arguments), environment: .custom(variables),
                    workingDirectory: folder.map { .init($0.path) }, input: .none, output: .string(limit: limit), error: .string(limit: limit))
            }
            let status =
                switch ended.terminationStatus {
                case .exited(let status): status
                case .signaled(let signal): -signal
                }
            return Outcome(status: status, output: ended.standardOutput, messages: ended.standardError)
        } catch let error as SubprocessError {
            throw Failure(description: "\(executable.path) \(arguments): \(error)")
        }
    }
}

/// A number of places; whoever finds none waits, and the first to wait is the first to be let in.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    /// Takes a place for as long as `body` runs.
    nonisolated func hold<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        await enter()
        do {
            let value = try await body()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
