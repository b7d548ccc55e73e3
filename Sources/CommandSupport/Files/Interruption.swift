import Dispatch
import Foundation
import Synchronization

/// Removes unfinished outputs when the user interrupts the tool.
package enum Interruption {
    private static let folders = Mutex<Set<URL>>([])
    private static let handler = Mutex<(@Sendable () -> Void)?>(nil)
    private static let retained = Mutex<[Retained]>([])

    /// Keeps a signal source alive.
    private struct Retained: @unchecked Sendable { let source: any DispatchSourceSignal }

    /// From now on an interrupt removes registered folders and ends the tool with 128 plus the signal's number.
    package static func install() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                if let handle = handler.withLock({ $0.take() }) { return handle() }
                for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(at: folder) }
                _exit(128 + number)
            }
            source.resume()
            let kept = Retained(source: source)
            retained.withLock { $0.append(kept) }
        }
        // A closed pipe and a limit on file sizes are errors of the call in question, not the end of the tool.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// From now on the first interrupt calls `handle`, on another thread, and a second one ends the tool as before.
    package static func setHandler(_ handle: @escaping @Sendable () -> Void) { handler.withLock { $0 = handle } }

    package static func register(_ folder: URL) { _ = folders.withLock { $0.insert(folder) } }
    package static func unregister(_ folder: URL) { _ = folders.withLock { $0.remove(folder) } }
}
