extension Volume where Scalar == UInt8 {
    /// This label map with all but the largest connected component of each label set to background, and how many voxels of each label that removed.
    ///
    /// Voxels that share a face, an edge or a corner are connected (26-connectivity). Of components of equal size the one that comes first in storage stays.
    /// Held besides the map: a dozen bytes per run of equal labels along i.
    ///
    /// - Parameter kept: The labels to treat; the others stay as they are. `nil` treats all but background.
    public func keepingLargestComponents(of kept: Set<UInt8>? = nil) -> (labels: LabelMap, removedVoxels: [UInt8: Int]) {
        var runs = LabelRuns(self, labels: kept ?? Set(1...UInt8.max))
        runs.connect()
        var result = self
        let removed = result.voxels.withUnsafeMutableBufferPointer { runs.clearAllButLargest(in: $0) }
        return (result, removed)
    }
}

/// The runs of equal labels along axis i of a label map, joined into connected components by union–find.
private struct LabelRuns {
    private let shape: SIMD3<Int>
    /// Per row (j + ny · k), the first of its runs; one more entry closes the last row.
    private var rowStarts: [Int32] = [0]
    private var starts: [Int32] = []
    private var ends: [Int32] = []
    private var labels: [UInt8] = []
    /// Union–find: the parent of each run; roots have the lowest index of their tree.
    private var parents: [Int32] = []

    init(_ map: LabelMap, labels wanted: Set<UInt8>) {
        shape = map.grid.shape
        let isWanted = (0...255).map { $0 != 0 && wanted.contains(UInt8($0)) }
        let nx = shape.x
        rowStarts.reserveCapacity(shape.y * shape.z + 1)
        map.voxels.withUnsafeBufferPointer { voxels in
            for row in 0..<shape.y * shape.z {
                var i = 0
                while i < nx {
                    let label = voxels[row * nx + i]
                    let start = i
                    repeat { i += 1 } while i < nx && voxels[row * nx + i] == label
                    guard isWanted[Int(label)] else { continue }
                    starts.append(Int32(start))
                    ends.append(Int32(i))
                    labels.append(label)
                }
                rowStarts.append(Int32(starts.count))
            }
        }
        parents = (0..<Int32(starts.count)).map { $0 }
    }

    /// Joins the runs of each row with those of the rows before it that touch.
    mutating func connect() {
        for k in 0..<shape.z {
            for j in 0..<shape.y {
                let row = j + shape.y * k
                if j > 0 { connect(row, row - 1) }
                guard k > 0 else { continue }
                for neighbour in max(j - 1, 0)...min(j + 1, shape.y - 1) { connect(row, neighbour + shape.y * (k - 1)) }
            }
        }
    }

    private mutating func connect(_ row: Int, _ other: Int) {
        var a = Int(rowStarts[row])
        var b = Int(rowStarts[other])
        let (lastA, lastB) = (Int(rowStarts[row + 1]), Int(rowStarts[other + 1]))
        while a < lastA, b < lastB {
            joinIfTouching(a, b)
            if ends[a] < ends[b] {
                a += 1
            } else if ends[b] < ends[a] {
                b += 1
            } else {
                // Both end at the same voxel: each may still touch the other's successor at a corner.
                if b + 1 < lastB { joinIfTouching(a, b + 1) }
                if a + 1 < lastA { joinIfTouching(a + 1, b) }
                a += 1
                b += 1
            }
        }
    }

    private mutating func joinIfTouching(_ a: Int, _ b: Int) {
        guard labels[a] == labels[b], starts[a] <= ends[b], starts[b] <= ends[a] else { return }
        let (rootA, rootB) = (root(of: a), root(of: b))
        if rootA != rootB { parents[max(rootA, rootB)] = Int32(min(rootA, rootB)) }
    }

    private mutating func root(of run: Int) -> Int {
        var current = run
        while Int(parents[current]) != current {
            parents[current] = parents[Int(parents[current])]
            current = Int(parents[current])
        }
        return current
    }

    /// Sets the voxels of all but the largest component of each label to 0; returns their number per label.
    mutating func clearAllButLargest(in voxels: UnsafeMutableBufferPointer<UInt8>) -> [UInt8: Int] {
        var sizes = [Int](repeating: 0, count: starts.count)
        for run in starts.indices { sizes[root(of: run)] += Int(ends[run] - starts[run]) }
        var largest: [UInt8: Int] = [:]
        for run in starts.indices where sizes[run] > 0 {
            if let best = largest[labels[run]], sizes[best] >= sizes[run] { continue }
            largest[labels[run]] = run
        }
        var removed: [UInt8: Int] = [:]
        for row in 0..<shape.y * shape.z {
            for run in Int(rowStarts[row])..<Int(rowStarts[row + 1]) where largest[labels[run]] != root(of: run) {
                for i in Int(starts[run])..<Int(ends[run]) { voxels[row * shape.x + i] = 0 }
                removed[labels[run], default: 0] += Int(ends[run] - starts[run])
            }
        }
        return removed
    }
}
