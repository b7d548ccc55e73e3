import Foundation

/// Runs `work` for the indices 0 ..< count on all cores and waits; the caller sees to it that different indices write to different memory.
func concurrently(_ count: Int, _ work: (Int) -> Void) {
    guard count > 1 else { return (0..<count).forEach(work) }
    withoutActuallyEscaping(work) { work in
        nonisolated(unsafe) let work = work
        DispatchQueue.concurrentPerform(iterations: count) { work($0) }
    }
}
