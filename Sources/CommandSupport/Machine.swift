import Foundation

/// What the machine has to offer.
package struct Machine: Sendable, Codable {
    package var system: String
    package var processor: String
    /// Logical cores that this process may use.
    package var cores: Int
    /// Bytes of memory in the machine, or fewer when the process is confined (control group).
    package var memory: Int
    /// Bytes that could be used now without swapping.
    package var memoryAvailable: Int?

    /// The machine that the tool runs on.
    package static var current: Machine {
        let table = fields(of: "/proc/meminfo")
        let total = Int(ProcessInfo.processInfo.physicalMemory)
        let limit = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap(number).min() ?? .max
        let available = table["MemAvailable"].flatMap { Int($0.prefix { $0 != " " }) }.map { $0 * 1024 }
        return Machine(
            system: ProcessInfo.processInfo.operatingSystemVersionString, processor: fields(of: "/proc/cpuinfo")["model name"] ?? architecture,
            cores: ProcessInfo.processInfo.activeProcessorCount, memory: min(total, limit), memoryAvailable: available.map { min($0, limit) })
    }

    /// Bytes free on the disk of a folder.
    package static func freeDisk(at folder: URL) -> Int? {
        (try? FileManager.default.attributesOfFileSystem(forPath: folder.path))?[.systemFreeSize].flatMap { ($0 as? NSNumber)?.intValue }
    }

    /// `3.2 GB` (10⁹ bytes).
    package static func text(bytes: Int) -> String {
        bytes >= 1_000_000_000
            ? String(format: "%.1f GB", Double(bytes) / 1e9)
            : bytes >= 1_000_000 ? String(format: "%.1f MB", Double(bytes) / 1e6) : String(format: "%.1f kB", Double(bytes) / 1e3)
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }

    /// The first value of each `name: value` line of a file.
    private static func fields(of path: String) -> [String: String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2
                ? (parts[0].trimmingCharacters(in: .whitespaces), parts[1].trimmingCharacters(in: .whitespaces)) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func number(at path: String) -> Int? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}
