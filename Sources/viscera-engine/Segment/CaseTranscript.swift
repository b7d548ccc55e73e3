import CommandSupport
import Synchronization

/// What is said about the cases of a run, in the order of the cases although they overlap: what a case has to say is held until the cases
/// before it have said everything.
final class CaseTranscript: Sendable {
    private let console: Console
    private let state: Mutex<State>

    private struct State {
        var current = 0
        var held: [[@Sendable (Console) -> Void]]
        var isClosed: [Bool]
    }

    /// The number of cases.
    let count: Int

    init(_ console: Console, count: Int) {
        self.count = count
        self.console = console
        state = Mutex(State(held: Array(repeating: [], count: count), isClosed: Array(repeating: false, count: count)))
    }

    /// Says something about a case, now or when its turn comes.
    func say(_ index: Int, _ line: @escaping @Sendable (Console) -> Void) {
        state.withLock { state in
            if index == state.current { line(console) } else { state.held[index].append(line) }
        }
    }

    /// Shows how far a case has come, if it is its turn.
    func progress(_ index: Int, _ stage: String, _ fraction: Double? = nil) {
        state.withLock { if $0.current == index { console.progress(stage, fraction) } }
    }

    /// Nothing more will be said about a case.
    func close(_ index: Int) {
        state.withLock { state in
            state.isClosed[index] = true
            while state.current < state.isClosed.count, state.isClosed[state.current] {
                console.clearProgress()
                state.current += 1
                guard state.current < state.held.count else { return }
                for line in state.held[state.current] { line(console) }
                state.held[state.current] = []
            }
        }
    }
}
