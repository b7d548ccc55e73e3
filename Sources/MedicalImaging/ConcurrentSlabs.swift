import Foundation

/// Calls `body` with consecutive ranges that together cover `0..<count`, several at a time; `minimum` items at least in each.
///
/// The ranges depend on `count`, `minimum` and the number of processors, never on timing; bodies that write only what belongs to their
/// range therefore give the same result on any machine.
package func concurrentSlabs(of count: Int, minimum: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let wanted = ProcessInfo.processInfo.activeProcessorCount * 4
    let pieces = max(1, min(wanted, count / max(minimum, 1)))
    concurrently(pieces) { piece in
        body(count * piece / pieces..<count * (piece + 1) / pieces)
    }
}
