import Datasets
import Foundation
import MedicalImaging
import Preprocessing

/// Reads the volumes of a run into memory, preprocessed, and refuses before memory runs out.
public struct VolumeCache: Sendable {
    /// What is done to each volume.
    public var recipe: PreprocessingRecipe
    /// The most bytes that the volumes may take.
    public var limit: Int

    /// - Parameter limit: `nil` for three quarters of the memory that is free now.
    public init(recipe: PreprocessingRecipe, limit: Int? = nil) {
        self.recipe = recipe
        self.limit = limit ?? VolumeCache.freeMemory / 4 * 3
    }

    /// Reads every item of the list.
    /// - Parameter onVolume: told the number of volumes read and the bytes they take so far.
    /// - Throws: `LearningError.memory` when the volumes do not fit, as early as that can be told from those read so far;
    ///   `LearningError.sample` naming a volume that cannot be used; `ImageError` from reading.
    public func load(_ list: Datalist, onVolume: (Int, Int) throws -> Void = { _, _ in }) throws -> [PretrainingVolume] {
        var volumes: [PretrainingVolume] = []
        var bytes = 0
        for item in list.items {
            let volume = try read(list.url(item.image), name: item.image)
            bytes += volume.byteCount
            volumes.append(volume)
            let projected = Int(Double(bytes) / Double(volumes.count) * Double(list.items.count))
            // Volumes differ in size: a projection from a few must exceed the limit clearly.
            let isHopeless = volumes.count >= 8 && projected > limit + limit / 2
            if bytes > limit || isHopeless {
                throw LearningError.memory(needed: max(bytes, projected), limit: limit, volumes: list.items.count, read: volumes.count)
            }
            try onVolume(volumes.count, bytes)
        }
        return volumes
    }

    private func read(_ url: URL, name: String) throws -> PretrainingVolume {
        let volume = try ImageFile.read(url).volume
        do { return PretrainingVolume(name: name, try recipe.apply(to: volume).volume) } catch let error as PreprocessingError {
            throw LearningError.sample(name: name, reason: "\(error); correct the file or take it out of the datalist")
        }
    }

    /// Bytes of memory that programs can use now, as the system tells; all of the machine's where it does not.
    public static var freeMemory: Int {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return kilobytes.map { $0 * 1024 } ?? Int(ProcessInfo.processInfo.physicalMemory)
    }
}
