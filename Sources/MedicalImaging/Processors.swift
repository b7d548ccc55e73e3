import Dispatch
import Foundation
import Synchronization

/// The processors that the work around a network may use at a time.
package enum Processors {
    private static let limit = Atomic<Int>(initial)

    /// At first what `OMP_NUM_THREADS` says, as for LibTorch, or all there are; at least 1.
    package static var count: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(max(1, newValue), ordering: .relaxed) }
    }

    private static var initial: Int {
        let wish = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"].flatMap { $0.split(separator: ",").first }.flatMap { Int($0) }
        let all = ProcessInfo.processInfo.activeProcessorCount
        return wish.map { max(1, min($0, all)) } ?? all
    }
}

/// Runs `work` for the indices 0 ..< count, as many at a time as there are `Processors`, and waits; the caller sees to it that different
/// indices write to different memory.
package func concurrently(_ count: Int, _ work: (Int) -> Void) {
    let strands = min(count, Processors.count)
    guard strands > 1 else { return (0..<max(0, count)).forEach(work) }
    withoutActuallyEscaping(work) { work in
        nonisolated(unsafe) let work = work
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: strands) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                work(index)
            }
        }
    }
}
