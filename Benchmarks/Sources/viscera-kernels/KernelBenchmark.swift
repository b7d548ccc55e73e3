import ArgumentParser
import Foundation
import Torch

/// Times the hot kernels one by one, each beside its plain version, and prints the ratio.
@main struct KernelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "viscera-kernels",
        abstract: "Time the hot kernels beside their plain versions.",
        discussion: "Processor time of this process per run, the fastest of --repeat runs: on a busy machine wall time says little about a kernel.")

    @Option(help: "Processor threads of LibTorch.") var threads = 1
    @Option(name: .customLong("repeat"), help: "Timed runs of each side.") var runs = 3
    @Option(help: "Only kernels whose name contains this text.") var only = ""
    @Flag(help: "Write JSON lines instead of a table.") var json = false

    func run() throws {
        Threads.count = threads
        if !json { print("LibTorch \(libTorchVersion), kernels \(Kernels.instructionSet), \(threads) thread(s), fastest of \(runs)") }
        for make in NetworkKernels.all + VolumeKernels.all {
            let kernel = try make()
            guard only.isEmpty || kernel.name.contains(only) else { continue }
            let plain = try fastest(kernel.plain), ours = try fastest(kernel.ours)
            if json {
                print(#"{"kernel": "\#(kernel.name)", "plain": \#(plain), "ours": \#(ours), "ratio": \#(plain / ours)}"#)
            } else {
                let name = kernel.name.padding(toLength: 60, withPad: " ", startingAt: 0)
                print(name + String(format: "%9.1f ms %9.1f ms %6.2f ×", plain * 1e3, ours * 1e3, plain / ours))
            }
        }
    }

    /// Seconds of processor time of the fastest run after one that does not count.
    private func fastest(_ work: () throws -> Void) throws -> Double {
        try work()
        return try (0..<max(runs, 1)).map { _ in
            let start = Self.processorSeconds
            try work()
            return Self.processorSeconds - start
        }.min() ?? 0
    }

    /// Of this process (0) and of those it has waited for (-1): Linux and macOS give the two numbers names of different types.
    private static var processorSeconds: Double {
        var (own, children) = (rusage(), rusage())
        getrusage(0, &own)
        getrusage(-1, &children)
        return [own.ru_utime, own.ru_stime, children.ru_utime, children.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}

/// A kernel and what does the same without it.
struct KernelPair {
    var name: String
    var plain: () throws -> Void
    var ours: () throws -> Void
}
