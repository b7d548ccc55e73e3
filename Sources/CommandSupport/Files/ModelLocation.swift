import Foundation

/// Where the weights come from when the command line does not say.
package enum ModelLocation {
    /// The name of the model that ships with the tool.
    package static let shippedName = "viscera-compact.safetensors"

    /// The weight file to use: the one given, else the one that `VISCERA_MODEL` names, else `Models/viscera-compact.safetensors` beside
    /// the executable or in one of the folders above it (links resolved), else `share/viscera` beside `bin`.
    /// - Throws: `ToolFailure` with `.noInput` when there is none.
    package static func resolve(_ given: String?) throws -> URL {
        if let given { return try existing(URL(filePath: given), "the model '\(given)'") }
        if let variable = ProcessInfo.processInfo.environment["VISCERA_MODEL"], !variable.isEmpty {
            return try existing(URL(filePath: variable), "the model '\(variable)', named by VISCERA_MODEL,")
        }
        let candidates = shippedCandidates
        if let found = candidates.first(where: { FileManager.default.isReadableFile(atPath: $0.path) }) { return found }
        let place = candidates.first?.deletingLastPathComponent().path ?? "Models"
        throw ToolFailure(
            .noInput,
            "no model: looked for Models/\(shippedName) beside the executable and in the folders above (from '\(place)' on); "
                + "give one with --model FILE or in VISCERA_MODEL")
    }

    private static func existing(_ url: URL, _ name: String) throws -> URL {
        guard FileManager.default.fileExists(atPath: url.path) else { throw ToolFailure(.noInput, "\(name) does not exist") }
        guard FileManager.default.isReadableFile(atPath: url.path) else { throw ToolFailure(.noInput, "\(name) cannot be read: permission denied") }
        return url
    }

    private static var shippedCandidates: [URL] {
        var folder = executable.deletingLastPathComponent()
        var candidates: [URL] = []
        for _ in 0..<6 {
            candidates.append(folder.appending(path: "Models/\(shippedName)"))
            candidates.append(folder.appending(path: "share/viscera/\(shippedName)"))
            guard folder.path != "/" else { break }
            folder.deleteLastPathComponent()
        }
        return candidates
    }

    /// The running executable, links resolved.
    package static var executable: URL {
        (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath().absoluteURL
    }
}
