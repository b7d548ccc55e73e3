import CHostMemory
import Foundation

/// The memory that a process can still use.
public enum AvailableMemory {
    /// Bytes that programs can use now without anything being swapped out: what the system tells, but no more than the limit of the container
    /// (cgroup versions 1 and 2) leaves; all memory of the machine where neither is told.
    public static var bytes: Int { bytes(under: "") ?? Int(clamping: ProcessInfo.processInfo.physicalMemory) }

    /// The same read from files below `root`, in place of the root of the file system.
    package static func bytes(under root: String) -> Int? {
        let found = hostmemory_read(root).available
        return found < 0 ? nil : Int(found)
    }

    /// Refuses to take more than there is, before it is taken.
    /// - Parameters:
    ///   - bytes: what is wanted; `nil` for more than can be counted.
    ///   - path: the file that wants it.
    /// - Throws: `ImageError.tooLarge`.
    static func require(_ bytes: Int?, for path: String) throws(ImageError) {
        let memory = Self.bytes
        guard let bytes, bytes <= memory else { throw .tooLarge(path: path, bytes: bytes ?? .max, memory: memory) }
    }

    /// What `count` voxels of a file take while they are turned into single precision: as stored, and as numbers; `nil` for more than can be counted.
    static func needed(forVoxels count: Int, storedIn type: VoxelType) -> Int? {
        let (bytes, overflows) = count.multipliedReportingOverflow(by: type.size + MemoryLayout<Float>.size)
        return overflows ? nil : bytes
    }
}
