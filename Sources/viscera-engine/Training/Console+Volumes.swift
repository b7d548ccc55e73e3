import CommandSupport
import Datasets
import Foundation
import Learning
import Torch

extension Console {
    /// Reads a section and says how far it has come and where the volumes are; processes other than the first read in silence.
    /// - Parameter count: how many volumes this process reads.
    /// - Throws: what `read` throws, in every process when it throws in one.
    func reading<Store>(
        _ section: String, of count: Int, among shares: WorkShares = WorkShares(), _ read: ((SampleCache.Summary) throws -> Void) throws -> Store
    ) throws -> Store {
        var last = SampleCache.Summary()
        let store = try shares.together {
            try read { summary in
                last = summary
                if shares.isFirst { progress(section, Double(summary.count) / Double(max(1, count))) }
            }
        }
        if shares.isFirst { note(last.text(section: section)) }
        return store
    }
}

extension SampleCache {
    /// The cache of a run that may be one of several processes; what happens to files of the cache is told on the console.
    init(_ options: CacheOptions, seed: UInt64, launch: Launch?, console: Console) throws(LearningError) {
        try self.init(options, seed: seed, processes: launch?.localSize ?? 1) { console.warning($0) }
    }
}
