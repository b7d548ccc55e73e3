import MedicalImaging
import Synchronization

/// The bytes that the volumes of a run may still take.
public final class MemoryBudget: Sendable {
    /// What there was at the start.
    public let limit: Int
    private let taken = Mutex(0)

    /// - Parameters:
    ///   - limit: `nil` for three quarters of the memory that is free now; a quarter is left for the network and for reading.
    ///   - processes: how many processes share this machine's memory.
    public init(limit: Int? = nil, processes: Int = 1) {
        self.limit = limit ?? AvailableMemory.bytes / 4 * 3 / max(1, processes)
    }

    /// Takes the bytes if they are left.
    func take(_ bytes: Int) -> Bool {
        taken.withLock {
            guard $0 + bytes <= limit else { return false }
            $0 += bytes
            return true
        }
    }
}
