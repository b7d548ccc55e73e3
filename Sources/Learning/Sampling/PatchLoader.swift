import Foundation
import Synchronization

/// Prepares the batches of a run ahead of the steps that need them, on background threads.
///
/// Batch `step` holds the draws of the streams (seed, step, 0…batchSize−1), so what a step sees does not depend on timing, threads or on
/// where the run was resumed.
package final class PatchLoader: Sendable {
    private let volumes: [TrainingVolume]
    private let options: PatchOptions
    private let batchSize: Int
    private let seed: UInt64
    private let queue = DispatchQueue(label: "viscera.patches", qos: .userInitiated, attributes: .concurrent)
    private let ready = Mutex<[Int: [Patch]]>([:])
    private let requested = Mutex<Set<Int>>([])
    private let signal = DispatchSemaphore(value: 0)

    /// How many batches are prepared ahead.
    static let depth = 3

    package init(volumes: [TrainingVolume], options: PatchOptions, batchSize: Int, seed: UInt64) {
        self.volumes = volumes
        self.options = options
        self.batchSize = batchSize
        self.seed = seed
    }

    /// The batch of `step`; asks for the following ones in the background.
    package func batch(at step: Int) -> [Patch] {
        for ahead in 0...PatchLoader.depth { request(step + ahead) }
        while true {
            if let batch = ready.withLock({ $0.removeValue(forKey: step) }) {
                _ = requested.withLock { $0.remove(step) }
                return batch
            }
            signal.wait()
        }
    }

    private func request(_ step: Int) {
        guard requested.withLock({ $0.insert(step).inserted }) else { return }
        queue.async { [self] in
            let batch = makeBatch(step)
            ready.withLock { $0[step] = batch }
            signal.signal()
        }
    }

    /// The patches of a step, drawn and applied on the calling thread.
    package func makeBatch(_ step: Int) -> [Patch] {
        (0..<batchSize).map { index in
            var random = RandomSource(seed, UInt64(step), UInt64(index))
            return PatchDraw(from: volumes, options: options, random: &random).apply(to: volumes, options: options)
        }
    }
}
