import ArgumentParser
import CommandSupport
import Foundation

/// `viscera doctor`: whether everything that a segmentation needs is there and right.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the machine and the installation.",
        discussion: "Looks at processor, memory, disk, LibTorch, devices and the model, and runs a small network whose numbers are known.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        var checks = HostChecks.run()
        checks += EngineChecks.run()
        checks += ModelChecks.run()
        var table = TextTable([("", .left), ("", .left), ("", .left)])
        for check in checks { table.append([check.state.mark, check.name, check.finding]) }
        console.result(console.bold("viscera \(Version.number)"))
        console.result(table.text)
        for check in checks { if let advice = check.advice { console.warning("\(check.name): \(advice)") } }
        try console.json(DoctorResult(version: Version.number, host: .current, checks: checks))
        let failed = checks.filter { $0.state == .failed }.map(\.name)
        guard failed.isEmpty else { throw ToolFailure(.unavailable, "not ready: \(failed.joined(separator: ", "))") }
        console.result("Ready.")
    }
}

/// One thing that was looked at.
struct HealthCheck: Sendable, Codable {
    enum State: String, Sendable, Codable {
        case passed, doubtful, failed
        /// Optional and not there.
        case absent

        var mark: String {
            switch self {
            case .passed: "✓"
            case .doubtful: "!"
            case .failed: "✗"
            case .absent: "–"
            }
        }
    }

    var name: String
    var state: State
    /// What was found.
    var finding: String
    /// What to do about it.
    var advice: String?

    init(_ name: String, _ state: State, _ finding: String, advice: String? = nil) {
        self.name = name
        self.state = state
        self.finding = finding
        self.advice = advice
    }
}

/// What `doctor --json` writes.
private struct DoctorResult: Encodable {
    var version: String
    var host: Machine
    var checks: [HealthCheck]
}

/// Processor, memory, disk.
enum HostChecks {
    static func run() -> [HealthCheck] {
        let host = Machine.current
        let available = host.memoryAvailable ?? host.memory
        let memory = "\(Machine.text(bytes: host.memory)), \(Machine.text(bytes: available)) available"
        let temporary = FileManager.default.temporaryDirectory
        let free = Machine.freeDisk(at: temporary)
        return [
            HealthCheck("system", .passed, host.system),
            HealthCheck("processor", .passed, "\(host.processor), \(host.cores) \(host.cores == 1 ? "core" : "cores")"),
            available >= 4_000_000_000
                ? HealthCheck("memory", .passed, memory)
                : HealthCheck("memory", .doubtful, memory, advice: "less than 4 GB are available: give --max-memory, or close other programs"),
            free.map { $0 >= 1_000_000_000 } ?? true
                ? HealthCheck("disk", .passed, "\(free.map(Machine.text) ?? "unknown") free in \(temporary.path)")
                : HealthCheck("disk", .doubtful, "\(free.map(Machine.text) ?? "") free in \(temporary.path)", advice: "free space for outputs"),
            toolchain,
        ]
    }

    /// The Swift compiler on the search path; needed to build the tool, not to run it.
    private static var toolchain: HealthCheck {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
        let compiler = folders.map { $0.appending(path: "swiftc") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
        guard let compiler else { return HealthCheck("toolchain", .passed, "no Swift compiler on the search path; not needed to segment") }
        let process = Process()
        let output = Pipe()
        process.executableURL = compiler
        process.arguments = ["--version"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return HealthCheck("toolchain", .doubtful, "'\(compiler.path)' does not run") }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return HealthCheck("toolchain", .passed, text.split(separator: "\n").first.map(String.init) ?? compiler.path)
    }
}

/// The model that `segment` would use.
enum ModelChecks {
    static func run() -> [HealthCheck] {
        do {
            let url = try ModelLocation.resolve(nil)
            let size = (try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? NSNumber)?.intValue ?? 0
            return [HealthCheck("model", .passed, "\(url.path), \(Machine.text(bytes: size))")]
        } catch {
            return [HealthCheck("model", .failed, "none", advice: ToolFailure(describing: error).message)]
        }
    }
}
