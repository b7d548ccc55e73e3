import ArgumentParser
import MedicalImaging
import Torch

/// How many processor threads a command may use, in the network and around it; at least 1.
struct ThreadCount: ExpressibleByArgument, Sendable {
    static let help: ArgumentHelp = "Processor threads; without it what OMP_NUM_THREADS says, or as many as there are cores."

    let count: Int

    init?(argument: String) {
        guard let count = Int(argument), count >= 1 else { return nil }
        self.count = count
    }

    /// Holds the process to this number.
    func apply() { (Threads.count, Processors.count) = (count, count) }
}

extension Threads {
    /// Their number in words.
    static var summary: String { "\(count) \(count == 1 ? "thread" : "threads")" }
}
