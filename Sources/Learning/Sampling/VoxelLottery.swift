/// Draws voxels of one kind uniformly without keeping their indices: counts per block, then a scan of one block.
struct VoxelLottery: Sendable {
    /// Voxels of the kind before each block, and in all blocks at the end.
    let before: [Int]

    /// Voxels of one block.
    private static let blockSize = 4096

    /// A lottery that was counted before.
    init(before: [Int]) { self.before = before }

    /// - Parameter isOfKind: whether the voxel at a position in storage is of the kind; must always say the same.
    init(count: Int, isOfKind: (Int) -> Bool) {
        var sums = [0]
        for start in stride(from: 0, to: count, by: Self.blockSize) {
            var found = 0
            for index in start..<min(count, start + Self.blockSize) where isOfKind(index) { found += 1 }
            sums.append(sums.last! + found)
        }
        before = sums
    }

    /// How many voxels are of the kind.
    var total: Int { before.last ?? 0 }

    /// The position in storage of voxel `rank` (0 ..< total) of the kind.
    func position(ofRank rank: Int, isOfKind: (Int) -> Bool) -> Int {
        precondition((0..<total).contains(rank), "rank \(rank) of \(total) voxels")
        var (low, high) = (0, before.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if before[middle] <= rank { low = middle } else { high = middle }
        }
        var remaining = rank - before[low]
        var index = low * Self.blockSize
        while true {
            if isOfKind(index) {
                if remaining == 0 { return index }
                remaining -= 1
            }
            index += 1
        }
    }
}
