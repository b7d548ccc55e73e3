import Foundation
import MedicalImaging
import Preprocessing

/// Whether the memory allows the stages of several cases at a time.
struct CaseMemory {
    /// The limit that the user set.
    private let limit: Int?
    /// What cases may take together where no limit is set.
    private let share: Int
    private let recipe: PreprocessingRecipe

    init(limit: Int?, recipe: PreprocessingRecipe) {
        self.limit = limit
        share = AvailableMemory.bytes / 2
        self.recipe = recipe
    }

    /// Whether stages that take these many bytes may run at the same time: within the user's limit, or half of the memory that was available at
    /// the start; `nil` stands for a number that is not known, which no limit of a user allows.
    func allows(_ bytes: [Int?]) -> Bool {
        let known = bytes.compactMap { $0 }
        if limit != nil, known.count < bytes.count { return false }
        return known.reduce(0, +) <= limit ?? share
    }

    /// The bytes that reading and preprocessing a case takes at its peak; `nil` when its file does not say how large it is.
    ///
    /// Reading holds the packed file, the voxels as stored and in single precision; preprocessing holds input and output, and the output before
    /// it was cropped; then come the labels of a reference.
    func toPrepare(_ job: SegmentationJob) -> Int? {
        guard let size = AnnouncedSize(of: job.input.url) else { return nil }
        let packed = (try? FileManager.default.attributesOfItem(atPath: job.input.url.path)[.size] as? Int) ?? 0
        let volume = size.voxelCount * 4
        let processedVoxels = recipe.spacing.map { size.extent / $0.reduce(1, *) } ?? Double(size.voxelCount)
        let reading = packed + size.storedBytes + volume
        let preprocessing = volume + Int(min(processedVoxels, 1e15)) * 8
        return max(reading, preprocessing) + (job.reference == nil ? 0 : 2 * size.voxelCount)
    }

    /// The bytes that a case of so many voxels holds after the network has done: the input, its labels, as packed and as read again.
    static func toFinish(_ voxels: Int, hasReference: Bool) -> Int { voxels * (4 + 1 + 1 + 1 + (hasReference ? 1 : 0)) }
}
