import Foundation
import Weights

/// Which checkpoint is exported to which file.
public struct ExportPlan: Sendable, Equatable {
    public var checkpoint: URL
    public var output: URL
}

extension ArchiveConfiguration {
    /// The export that the configuration describes.
    /// - Parameters:
    ///   - checkpoint: the checkpoint, relative to the archive; `nil`: `MMAR_CKPT`.
    ///   - output: the file to write, likewise; `nil`: `MMAR_TORCHSCRIPT`.
    /// - Throws: `ArchiveError.configuration` when a variable is missing.
    public func exportPlan(checkpoint: String? = nil, output: String? = nil) throws(ArchiveError) -> ExportPlan {
        func path(_ variable: String) throws(ArchiveError) -> String {
            guard let path = try document.value(variable)?.text, !path.isEmpty else {
                throw document.place[variable].failure("has no value; define it in the environment file or with --set")
            }
            return path
        }
        let source = if let checkpoint { checkpoint } else { try path("MMAR_CKPT") }
        if let output { return ExportPlan(checkpoint: url(source), output: url(output)) }
        return ExportPlan(checkpoint: url(source), output: url(try path("MMAR_TORCHSCRIPT")))
    }
}
