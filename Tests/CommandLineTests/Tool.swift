import Foundation
import TestSupport
import Testing

/// Runs of the built `viscera` as a process of its own.
enum Tool {
    /// The executable beside the test bundle.
    static let executable: URL? = {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }.map { URL(filePath: $0) } + [Bundle.main.bundleURL]
        let folders = (bundles + [Bundle.main.executableURL].compactMap { $0 }).flatMap { url -> [URL] in
            let parents = sequence(first: url) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
            return Array(parents.prefix(5))
        }
        return folders.map { $0.appending(path: "viscera") }.first {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder) && !isFolder.boolValue
                && FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }()

    /// Runs `viscera` with `arguments` and waits for its end; `environment` adds to the variables of the tests.
    static func run(_ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil) async throws -> Program.Outcome {
        let found: URL = try #require(executable, "the viscera executable was not found beside the tests")
        let variables = ProcessInfo.processInfo.environment.merging(["VISCERA_MODEL": ""]) { $1 }.merging(environment) { $1 }
        return try await Program.run(found, arguments, environment: variables, in: folder)
    }

    /// Runs `viscera` and expects it to fail in good manners: the status, one line of error that mentions `phrase`, nothing on standard output.
    static func expectFailure(_ arguments: [String], status: Int32, mentioning phrase: String, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let outcome = try await run(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.errors.count == 1, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.errors.first?.contains(phrase) ?? false, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, "\(arguments): \(outcome.output)", sourceLocation: sourceLocation)
    }
}

extension Program.Outcome {
    /// The lines on standard error that announce an error.
    var errors: [String] { messages.split(separator: "\n").map(String.init).filter { $0.hasPrefix("viscera: error: ") } }

    /// Standard output as a JSON object.
    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
}
