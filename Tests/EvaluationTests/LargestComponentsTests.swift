import MedicalImaging
import Testing

@Suite struct LargestComponentsTests {
    @Test func theLargestComponentOfEachLabelStays() {
        for seed in 0..<30 {
            let density = [0.05, 0.15, 0.3, 0.6][seed % 4]
            let map = speckle(shape: SIMD3(9, 7, 8), spacing: SIMD3(1, 1, 1), density: density, count: seed % 3 == 0 ? 2 : 4, seed: UInt64(seed))
            let (kept, removed) = map.keepingLargestComponents()
            let expected = naive(map)
            #expect(kept == expected, "seed \(seed)")
            for label in UInt8(1)...3 {
                let difference = map.voxels.count { $0 == label } - expected.voxels.count { $0 == label }
                #expect(removed[label, default: 0] == difference)
            }
        }
    }

    @Test func cornersConnectAndOtherLabelsStayUntouched() {
        var map = LabelMap(grid: VoxelGrid(shape: SIMD3(6, 6, 6), affine: .identity), repeating: 0)
        for step in 0..<4 { map[step, step, step] = 1 }
        map[5, 0, 0] = 1
        map[5, 5, 0] = 2
        map[0, 5, 0] = 2
        let (kept, removed) = map.keepingLargestComponents(of: [1])
        #expect(removed == [1: 1])
        #expect(kept[3, 3, 3] == 1 && kept[5, 0, 0] == 0)
        #expect(kept[5, 5, 0] == 2 && kept[0, 5, 0] == 2)
    }

    @Test func ofEqualComponentsTheFirstStays() {
        var map = LabelMap(grid: VoxelGrid(shape: SIMD3(5, 1, 1), affine: .identity), repeating: 0)
        map[0, 0, 0] = 3
        map[4, 0, 0] = 3
        #expect(map.keepingLargestComponents().labels.voxels == [3, 0, 0, 0, 0])
    }

    @Test func emptyMapsStayEmpty() {
        let map = LabelMap(grid: VoxelGrid(shape: SIMD3(3, 3, 3), affine: .identity), repeating: 0)
        #expect(map.keepingLargestComponents().labels == map)
        #expect(map.keepingLargestComponents().removedVoxels.isEmpty)
    }

    /// By flood fill.
    private func naive(_ map: LabelMap) -> LabelMap {
        let shape = map.grid.shape
        var component = [Int](repeating: -1, count: map.grid.count)
        var sizes: [Int] = []
        for start in map.voxels.indices where map.voxels[start] != 0 && component[start] < 0 {
            var stack = [start]
            component[start] = sizes.count
            sizes.append(0)
            while let voxel = stack.popLast() {
                sizes[component[start]] += 1
                let (x, y, z) = (voxel % shape.x, voxel / shape.x % shape.y, voxel / (shape.x * shape.y))
                for k in max(z - 1, 0)...min(z + 1, shape.z - 1) {
                    for j in max(y - 1, 0)...min(y + 1, shape.y - 1) {
                        for i in max(x - 1, 0)...min(x + 1, shape.x - 1) {
                            let next = map.grid.index(i, j, k)
                            guard map.voxels[next] == map.voxels[start], component[next] < 0 else { continue }
                            component[next] = component[start]
                            stack.append(next)
                        }
                    }
                }
            }
        }
        var best: [UInt8: Int] = [:]
        for voxel in map.voxels.indices where component[voxel] >= 0 {
            if let current = best[map.voxels[voxel]], sizes[current] >= sizes[component[voxel]] { continue }
            best[map.voxels[voxel]] = component[voxel]
        }
        return LabelMap(
            grid: map.grid, voxels: map.voxels.indices.map { component[$0] >= 0 && best[map.voxels[$0]] == component[$0] ? map.voxels[$0] : 0 })
    }
}
