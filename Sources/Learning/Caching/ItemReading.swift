import Foundation
import MedicalImaging

/// The reading of a list's items by their positions, for a `BatchLoader` that reads several at a time.
package struct ItemReading<Sample: CachedSample>: BatchSource {
    /// The items to be read, in the order of the list.
    let indices: [Int]
    let read: @Sendable (Int) throws -> Sample

    package var batchesPerEpoch: Int { indices.count }

    package func batch(at position: Int) throws -> Sample { try read(indices[position]) }
}

extension ItemReading {
    /// Bytes of memory that a byte of a compressed file takes while it is preprocessed: 2.5 when unpacked, and 5 each when read as single precision,
    /// reoriented and resampled, rounded up.
    private static var expansion: Int { 20 }

    /// How many items are read at a time: as many as there are cores, but no more than take a quarter of the free memory.
    /// - Parameter processes: how many processes share the machine and do the same.
    package static func concurrency(
        of items: [SampleItem], processes: Int, cores: Int = ProcessInfo.processInfo.activeProcessorCount, free: Int = AvailableMemory.bytes
    ) -> Int {
        let largest = items.map { $0.files(withLabels: true).reduce(0) { $0 + size(of: $1) } }.max() ?? 0
        return max(1, min(cores / processes, free / 4 / processes / max(1, largest * expansion)))
    }

    /// The bytes of a file, or of the files in a folder (a DICOM series); 0 for what is not there, which reading it will tell.
    private static func size(of file: URL) -> Int {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isDirectoryKey]
        guard let values = try? file.resourceValues(forKeys: keys) else { return 0 }
        guard values.isDirectory ?? false else { return values.fileSize ?? 0 }
        let files = (try? FileManager.default.contentsOfDirectory(at: file, includingPropertiesForKeys: [.fileSizeKey])) ?? []
        return files.reduce(0) { $0 + ((try? $1.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0) }
    }
}
