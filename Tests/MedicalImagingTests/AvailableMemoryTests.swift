import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct AvailableMemoryTests {
    @Test func theLimitOfAContainerCounts() throws {
        let root = try TemporaryDirectory()
        func write(_ text: String, _ path: String) throws {
            let url = root.url.appending(path: path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try write("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n", "proc/meminfo")
        #expect(AvailableMemory.bytes(under: root.url.path) == 8000 * 1024)
        // Version 2: the limit stands above the group of the process, which has none itself.
        try write("0::/job/step\n", "proc/self/cgroup")
        try write("max\n", "sys/fs/cgroup/job/step/memory.max")
        try write("5000000\n", "sys/fs/cgroup/job/memory.max")
        try write("4000000\n", "sys/fs/cgroup/job/memory.current")
        try write("anon 1\ninactive_file 1500000\n", "sys/fs/cgroup/job/memory.stat")
        #expect(AvailableMemory.bytes(under: root.url.path) == 2_500_000)
        // Version 1.
        try write("4:memory:/box\n", "proc/self/cgroup")
        try write("3000000\n", "sys/fs/cgroup/memory/box/memory.limit_in_bytes")
        try write("1000000\n", "sys/fs/cgroup/memory/box/memory.usage_in_bytes")
        #expect(AvailableMemory.bytes(under: root.url.path) == 2_000_000)
        #expect(AvailableMemory.bytes > 1 << 20)
    }

    @Test func aSystemThatTellsNothingIsNotGuessedAt() throws {
        let root = try TemporaryDirectory()
        #expect(AvailableMemory.bytes(under: root.url.path) == nil)
    }

    /// A header of a hundred bytes whose voxels would take 8 GB more than there are.
    @Test func aHeaderThatPromisesMoreThanThereIsIsRefusedBeforeItIsRead() throws {
        let root = try TemporaryDirectory()
        let side = Int((Double(AvailableMemory.bytes) / 8 + 1e9).squareRoot() / 100) + 1
        let header = """
            ObjectType = Image
            NDims = 3
            DimSize = \(side) \(side) 10000
            ElementType = MET_FLOAT
            ElementDataFile = LOCAL

            """
        try Data(header.utf8).write(to: root.file("big.mha"))
        #expect {
            try ImageFile.read(root.file("big.mha"))
        } throws: { error in
            guard case .tooLarge(_, let bytes, let memory)? = error as? ImageError else { return false }
            return bytes == side * side * 10000 * 8 && bytes > memory && "\(error)".contains("are available")
        }
    }
}
