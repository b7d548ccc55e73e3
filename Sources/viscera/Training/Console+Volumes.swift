import Datasets
import Foundation
import Learning
import Torch

extension Console {
    /// Reads a section and says how far it has come and where the volumes are; processes other than the first read in silence.
    func reading<Store>(
        _ section: String, of count: Int, isFirst: Bool = true, _ read: ((SampleCache.Summary) throws -> Void) throws -> Store
    ) throws -> Store {
        var last = SampleCache.Summary()
        let store = try read { summary in
            last = summary
            if isFirst { progress(section, Double(summary.count) / Double(max(1, count))) }
        }
        if isFirst { note(last.text(section: section)) }
        return store
    }
}

extension SampleCache {
    /// The cache of a run that may be one of several processes; what happens to files of the cache is told on the console.
    init(_ options: CacheOptions, seed: UInt64, launch: Launch?, console: Console) throws(LearningError) {
        try self.init(options, seed: seed, processes: launch?.localSize ?? 1) { console.warning($0) }
    }
}
