import CTorch

/// The memory of a device, in bytes; nil where its backend does not say.
public struct DeviceMemory: Sendable, Equatable, Codable {
    public var total: Int?
    public var free: Int?
    /// In tensors now.
    public var allocated: Int?
    /// In tensors at most, since the start of the process.
    public var peak: Int?
}

/// The memory of this process.
public enum ProcessMemory {
    /// The most bytes of main memory that tensors may take together; `nil`, the beginning: as many as the machine, or the container that the process
    /// runs in, has. An operation that needs more throws `TorchError.memory`. Tensors below 512 kB are not counted.
    public static func limitTensors(to bytes: Int?) { ctorch_set_memory_limit(Int64(bytes ?? 0)) }

    /// The bytes that tensors, and blocks kept for later ones, take now.
    public static var tensors: Int { Int(ctorch_memory_held()) }

    /// The most main memory that has been in use, in bytes; 0 where the system does not say.
    public static var peak: Int { Int(ctorch_process_peak()) }
}

extension Device.Kind {
    /// How many devices of this kind there are. The first question about CUDA loads LibTorch's CUDA backend where it is present.
    public var count: Int { ctorch_device_count(rawValue) }
}

extension Device {
    /// Whether tensors can be put here.
    public var isAvailable: Bool { (index ?? 0) < kind.count }

    /// Every device there is, the CPU first.
    public static var all: [Device] {
        Kind.allCases.flatMap { kind in kind == .cuda ? (0..<kind.count).map { Device(.cuda, index: $0) } : kind.count > 0 ? [Device(kind)] : [] }
    }

    /// Throws `TorchError.deviceUnavailable`, which says what was found and what to do, unless the device is here.
    public func requireAvailability() throws(TorchError) {
        let count = kind.count
        guard (index ?? 0) >= count else { return }
        if count > 0 {
            let found = (0..<count).map { "\(kind):\($0)" }.joined(separator: ", ")
            throw .deviceUnavailable(self, reason: "found \(found): choose one of these")
        }
        let setUp = kind == .cuda ? "on a machine with an NVIDIA driver set up again with 'DEVICE=cuda make setup', or " : ""
        throw .deviceUnavailable(self, reason: "\(lastReason()); \(setUp)use the device cpu")
    }

    /// What the device's memory holds.
    /// - Throws: `TorchError.deviceUnavailable` when the device is not here, or has no memory of its own (the CPU).
    public func memory() throws(TorchError) -> DeviceMemory {
        try requireAvailability()
        var raw = CTorchDeviceMemory()
        guard ctorch_device_memory(self.raw, &raw) else { throw .deviceUnavailable(self, reason: lastReason()) }
        func known(_ bytes: Int64) -> Int? { bytes < 0 ? nil : Int(bytes) }
        return DeviceMemory(total: known(raw.total), free: known(raw.free), allocated: known(raw.allocated), peak: known(raw.peak))
    }
}
