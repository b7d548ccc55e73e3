import Foundation
import Synchronization

/// Makes the batches of a run ahead of the steps that need them, on background threads; at most `depth` wait at a time.
package final class BatchLoader<Source: BatchSource>: Sendable {
    private let source: Source
    /// How many batches are made ahead.
    private let depth: Int
    private let end: Int
    private let queue = DispatchQueue(label: "viscera.batches", qos: .userInitiated, attributes: .concurrent)
    private let ready = Mutex<[Int: Result<Source.Batch, any Error>]>([:])
    private let requested = Mutex<Set<Int>>([])
    private let signal = DispatchSemaphore(value: 0)

    /// - Parameter end: no batch of this index or a later one will be asked for.
    package init(_ source: Source, depth: Int = 3, end: Int = .max) {
        self.source = source
        self.depth = depth
        self.end = end
    }

    /// Batch `index`; asks for the following ones in the background. One caller at a time.
    /// - Throws: what the source throws for this batch.
    package func batch(at index: Int) throws -> Source.Batch {
        request(index)
        for ahead in index + 1..<max(index + 1, min(end, index + 1 + depth)) { request(ahead) }
        while true {
            if let batch = ready.withLock({ $0.removeValue(forKey: index) }) {
                _ = requested.withLock { $0.remove(index) }
                return try batch.get()
            }
            signal.wait()
        }
    }

    private func request(_ index: Int) {
        guard requested.withLock({ $0.insert(index).inserted }) else { return }
        queue.async { [self] in
            let batch = Result { try source.batch(at: index) }
            ready.withLock { $0[index] = batch }
            signal.signal()
        }
    }
}
