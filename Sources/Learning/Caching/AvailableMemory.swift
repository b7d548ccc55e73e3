import Foundation

/// The memory that a process can still use.
public enum AvailableMemory {
    /// Bytes that programs can use now: what the system tells, but no more than the limit of the container (cgroup versions 1 and 2) leaves; all
    /// memory of the machine where neither is told.
    public static var bytes: Int { bytes(under: "") ?? Int(ProcessInfo.processInfo.physicalMemory) }

    /// The same read from files below `root`, in place of the root of the file system.
    package static func bytes(under root: String) -> Int? {
        let known = [systemBytes(root)] + containerBytes(root)
        return known.compactMap { $0 }.min()
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    private static func systemBytes(_ root: String) -> Int? {
        let line = text(root + "/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// What the group of this process and each group above it leave.
    private static func containerBytes(_ root: String) -> [Int?] {
        (text(root + "/proc/self/cgroup") ?? "").split(separator: "\n").flatMap { line -> [Int?] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[1].isEmpty { return levels(of: fields[2], in: root + "/sys/fs/cgroup").map(unifiedBytes) }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return levels(of: fields[2], in: root + "/sys/fs/cgroup/memory").map(hierarchicalBytes)
        }
    }

    /// The folders of a group and of those above it. Within a container the path may name folders that only the host sees.
    private static func levels(of path: Substring, in mount: String) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).map { ([mount] + names.prefix($0).map(String.init)).joined(separator: "/") }
    }

    private static func unifiedBytes(_ group: String) -> Int? {
        left(of: number(group + "/memory.max"), used: number(group + "/memory.current"), cached: entry("inactive_file", in: group))
    }

    private static func hierarchicalBytes(_ group: String) -> Int? {
        left(
            of: number(group + "/memory.limit_in_bytes"), used: number(group + "/memory.usage_in_bytes"),
            cached: entry("total_inactive_file", in: group))
    }

    /// Pages of files that nobody has used lately are given up before anything fails.
    private static func left(of limit: Int?, used: Int?, cached: Int?) -> Int? {
        guard let limit, let used else { return nil }
        return max(0, limit - max(0, used - (cached ?? 0)))
    }

    /// The number in a file; `nil` for `max`, no limit.
    private static func number(_ path: String) -> Int? { text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } }

    private static func entry(_ name: String, in group: String) -> Int? {
        let line = text(group + "/memory.stat")?.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }
}
