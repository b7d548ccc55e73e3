import Foundation
import Testing

/// Runs of the built `viscera` as a process of its own.
enum Tool {
    /// What a run left behind.
    struct Outcome {
        var status: Int32
        var output: String
        var messages: String

        /// The lines on standard error that announce an error.
        var errors: [String] { messages.split(separator: "\n").map(String.init).filter { $0.hasPrefix("viscera: error: ") } }

        /// Standard output as a JSON object.
        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }
    }

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

    /// Runs `viscera` with `arguments` and waits for its end.
    static func run(_ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil) throws -> Outcome {
        let process = Process()
        let found: URL = try #require(executable, "the viscera executable was not found beside the tests")
        process.executableURL = found
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["VISCERA_MODEL": ""]) { $1 }.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        process.standardInput = FileHandle.nullDevice
        let (output, messages) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = messages
        try process.run()
        // Standard error is read by another thread, so that neither pipe can fill up and stop the tool.
        let collected = Collected()
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { collected.data = messages.fileHandleForReading.readDataToEndOfFile() }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        group.wait()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(status: status, output: text, messages: String(decoding: collected.data, as: UTF8.self))
    }

    /// Filled by one thread and read by another after it has ended.
    private final class Collected: @unchecked Sendable { var data = Data() }

    /// Runs `viscera` and expects it to fail in good manners: the status, one line of error that mentions `phrase`, nothing on standard output.
    static func expectFailure(_ arguments: [String], status: Int32, mentioning phrase: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let outcome = try run(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.errors.count == 1, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.errors.first?.contains(phrase) ?? false, "\(arguments): \(outcome.messages)", sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, "\(arguments): \(outcome.output)", sourceLocation: sourceLocation)
    }
}
