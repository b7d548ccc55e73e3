import Dispatch
import Synchronization

/// Work that runs on another thread, and its result.
final class Background<Value: Sendable>: Sendable {
    private let group = DispatchGroup()
    private let result = Mutex<Result<Value, any Error>?>(nil)

    /// Starts `body`.
    init(_ body: @escaping @Sendable () throws -> Value) {
        DispatchQueue.global(qos: .userInitiated).async(group: group) {
            let found = Result(catching: body)
            self.result.withLock { $0 = found }
        }
    }

    /// Waits for the result, which is handed over so that nothing is held twice: ask once.
    func value() throws -> Value {
        group.wait()
        guard let found = result.withLock({ $0.take() }) else { preconditionFailure("the result of background work was asked for twice") }
        return try found.get()
    }
}
