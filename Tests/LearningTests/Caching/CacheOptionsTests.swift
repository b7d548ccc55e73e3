import Foundation
import Learning
import TestSupport
import Testing

@Suite struct CacheOptionsTests {
    /// MONAI 1.6 `CacheDataset`: min(int(cache_num), int(len(data) · cache_rate), len(data)).
    @Test(arguments: [(nil, nil, 10), (0.5, nil, 5), (0.39, nil, 3), (nil, 4, 4), (0.5, 7, 5), (1, 99, 10), (0, nil, 0)] as [(Double?, Int?, Int)])
    func heldVolumesAreCountedAsByMONAI(rate: Double?, count: Int?, expected: Int) {
        let options = Cohort.options { ($0.rate, $0.count) = (rate, count) }
        #expect(options.heldCount(of: 10) == expected)
        #expect(options.pool(of: 10, seed: 1) == VolumePool(total: 10), "without a replace rate every epoch shows all")
    }

    /// MONAI 1.6 `SmartCacheDataset`: replaces min(ceil(cache_num · replace_rate), len(data) − cache_num) a round; its window over one shuffled list
    /// moves on by as many places and goes round at the end (seen by printing `_cache` of 10 numbers over six updates).
    @Test func aPoolMovesOnAsMONAIs() {
        let pool = Cohort.options { ($0.count, $0.replaceRate) = (4, 0.6) }.pool(of: 10, seed: 3)
        #expect(pool.size == 4 && pool.replaced == 3)
        let first = pool.members(of: 0)
        #expect(Set(first).count == 4)
        for round in 0..<20 {
            let (now, next) = (pool.members(of: round), pool.members(of: round + 1))
            #expect(Array(now.dropFirst(3)) == Array(next.prefix(1)), "one of four stays")
        }
        #expect(Set((0..<4).flatMap { pool.members(of: $0) }) == Set(0..<10), "all are shown within ten places")
        #expect(pool.members(of: 10) == first, "30 places on, the window is where it was")
        #expect(Cohort.options { ($0.count, $0.replaceRate) = (4, 1) }.pool(of: 5, seed: 3).replaced == 1)
        #expect(!Cohort.options { ($0.count, $0.replaceRate) = (12, 0.5) }.pool(of: 10, seed: 3).moves, "a pool of all is no pool")
        #expect(pool != Cohort.options { ($0.count, $0.replaceRate) = (4, 0.6) }.pool(of: 10, seed: 4))
    }

    @Test func whatIsOutOfRangeIsNamed() {
        let cases: [(String, (inout CacheOptions) -> Void)] = [
            ("cache.rate", { $0.rate = 1.5 }), ("cache.count", { $0.count = -1 }), ("cache.replaceRate", { ($0.replaceRate, $0.count) = (0, 2) }),
            ("cache.replaceRate", { $0.replaceRate = 0.5 }), ("cache.memoryLimit", { $0.memoryLimit = 0 }), ("cache.folder", { $0.folder = "" }),
        ]
        for (path, change) in cases {
            let error = #expect(throws: LearningError.self) { try Cohort.options(change).validate() }
            #expect(error?.description.contains(path) == true, "\(path)")
        }
    }
}
