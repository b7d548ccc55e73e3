/// What the launcher of a process says about the group it belongs to, read from environment variables.
///
/// Understood are the plain variables `MASTER_ADDR`, `MASTER_PORT`, `RANK`, `WORLD_SIZE` (set by torchrun and by hand), Slurm
/// (`SLURM_PROCID`, `SLURM_NTASKS`, `SLURM_LOCALID`, `SLURM_LAUNCH_NODE_IPADDR`), Open MPI (`OMPI_COMM_WORLD_RANK`, `_SIZE`, `_LOCAL_RANK`) and
/// MPICH (`PMI_RANK`, `PMI_SIZE`), in that order.
public struct Launch: Sendable, Equatable {
    /// This process, 0..<size.
    public var rank: Int
    /// How many processes belong together.
    public var size: Int
    /// This process among those of its machine; chooses the GPU.
    public var localRank: Int
    /// How many of the processes share this machine; all of them where the launcher does not say.
    public var localSize: Int
    /// The machine where the processes meet.
    public var address: String
    public var port: Int
    /// Whether the launcher itself serves the meeting point, as torchrun does; else rank 0 does.
    public var launcherServes: Bool

    public init(rank: Int, size: Int, localRank: Int? = nil, address: String = "127.0.0.1", port: Int = 29500, launcherServes: Bool = false) {
        self.rank = rank
        self.size = size
        self.localRank = localRank ?? rank
        localSize = size
        self.address = address
        self.port = port
        self.launcherServes = launcherServes
    }

    /// Reads the variables; `nil` where no launcher has set any, or where it started a single process.
    /// - Throws: `LaunchError` for variables that contradict each other.
    public init?(environment: [String: String]) throws(LaunchError) {
        guard let family = Self.families.first(where: { environment[$0.rank] != nil && environment[$0.size] != nil }) else {
            if let name = ["RANK", "WORLD_SIZE"].first(where: { environment[$0] != nil }) {
                throw LaunchError("\(name) is set without its partner: data-parallel runs need both RANK and WORLD_SIZE (or neither)")
            }
            return nil
        }
        let size = try Self.number(family.size, environment, within: 1...65_536)
        let rank = try Self.number(family.rank, environment, within: 0...(size - 1))
        guard size > 1 else { return nil }
        let local = environment[family.localRank] == nil ? rank : try Self.number(family.localRank, environment, within: 0...rank)
        let address = environment["MASTER_ADDR"] ?? environment["SLURM_LAUNCH_NODE_IPADDR"] ?? "127.0.0.1"
        let port = environment["MASTER_PORT"] == nil ? 29500 : try Self.number("MASTER_PORT", environment, within: 1...65_535)
        self.init(
            rank: rank, size: size, localRank: local, address: address, port: port,
            launcherServes: environment["TORCHELASTIC_USE_AGENT_STORE"]?.lowercased() == "true")
        // Slurm writes 2(x3) for two tasks on each of three nodes.
        let neighbours = Self.localSizes.lazy.compactMap { environment[$0] }.first.flatMap { Int($0.prefix { $0.isNumber }) }
        if let neighbours, (1...size).contains(neighbours) { localSize = neighbours }
    }

    private static let localSizes = ["LOCAL_WORLD_SIZE", "SLURM_TASKS_PER_NODE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"]

    private static let families: [(rank: String, size: String, localRank: String)] = [
        ("RANK", "WORLD_SIZE", "LOCAL_RANK"),
        ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
        ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
    ]

    private static func number(_ name: String, _ environment: [String: String], within range: ClosedRange<Int>) throws(LaunchError) -> Int {
        let text = environment[name] ?? ""
        guard let value = Int(text), range.contains(value) else {
            throw LaunchError("\(name) is '\(text)': expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

/// Why the variables of a launcher cannot be used.
public struct LaunchError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
