import Foundation

/// The executable `viscera-engine`, which knows every command and loads LibTorch for them; `viscera` itself does not, so that what needs no
/// tensors starts at once (decision 0024).
package enum Engine {
    /// Its name; it lies beside `viscera`.
    package static let name = "viscera-engine"

    /// Replaces this process by the engine: the same process for whoever waits for it, with the same streams and environment.
    /// - Parameter arguments: those after the name of the tool.
    /// - Throws: `ToolFailure` with `.unavailable` where the engine is missing or cannot be started.
    package static func takeOver(_ arguments: [String]) throws -> Never {
        let engine = ModelLocation.executable.deletingLastPathComponent().appending(path: name)
        var words = ([CommandLine.arguments.first ?? "viscera"] + arguments).map { strdup($0) } + [nil]
        execv(engine.path, &words)
        let reason = String(cString: strerror(errno))
        throw ToolFailure(.unavailable, "'\(engine.path)' cannot be started: \(reason); it belongs beside viscera ('make build' makes both)")
    }
}
