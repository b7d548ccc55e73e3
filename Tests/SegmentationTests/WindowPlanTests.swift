import Segmentation
import Testing

@Suite struct WindowPlanTests {
    @Test(arguments: [(0.25, 45), (0.5, 96), (0.8, 936)])
    func countsAsTheReference(overlap: Double, count: Int) throws {
        let plan = try WindowPlan(shape: SIMD3(314, 214, 234), window: SIMD3(repeating: 96), overlap: overlap)
        #expect(plan.count == count)
        #expect(plan.origins.count == count)
        #expect(plan.layers.reduce(0) { $0 + $1.count } == count)
    }

    @Test func startsAsTheReference() throws {
        let plan = try WindowPlan(shape: SIMD3(314, 214, 234), window: SIMD3(repeating: 96), overlap: 0.25)
        #expect(plan.starts[0] == [0, 72, 144, 216, 218])
        #expect(plan.interval == SIMD3(72, 72, 72))
        #expect(Array(plan.origins.prefix(2)) == [SIMD3(0, 0, 0), SIMD3(0, 0, plan.starts[2][1])])
    }

    @Test(arguments: [(0.25, 72), (0.5, 48), (0.8, 19), (0.99, 1), (0, 96)])
    func floorsTheInterval(overlap: Double, interval: Int) throws {
        #expect(try WindowPlan(shape: SIMD3(repeating: 200), window: SIMD3(repeating: 96), overlap: overlap).interval.x == interval)
    }

    @Test func padsShortAxesSmallerHalfFirst() throws {
        let plan = try WindowPlan(shape: SIMD3(3, 10, 12), window: SIMD3(8, 10, 5), overlap: 0.5)
        #expect(plan.padding == SIMD3(2, 0, 0))
        #expect(plan.starts == [[-2], [0], [0, 2, 4, 6, 7]])
        #expect(plan.interval == SIMD3(8, 10, 2))
    }

    @Test func emptyComponentsStandForTheVolume() throws {
        let plan = try WindowPlan(shape: SIMD3(7, 30, 9), window: SIMD3(0, 10, -1), overlap: 0)
        #expect(plan.window == SIMD3(7, 10, 9))
        #expect(plan.count == 3)
    }

    @Test func everyVoxelIsCoveredAndLayersFinishWhatTheySay() throws {
        var random = SplitMix(seed: 1)
        for _ in 0..<200 {
            let shape = random.shape(1...40)
            let window = random.shape(1...24)
            let plan = try WindowPlan(shape: shape, window: window, overlap: random.uniform() * 0.9)
            for axis in 0..<3 {
                let covered = plan.starts[axis].reduce(into: Set<Int>()) { $0.formUnion($1..<$1 + plan.window[axis]) }
                #expect(covered.isSuperset(of: 0..<shape[axis]), "\(plan)")
                #expect(plan.starts[axis] == plan.starts[axis].sorted())
            }
            for layer in plan.layers.indices {
                let later = plan.layers[(layer + 1)...].joined().map(\.z).min() ?? shape.z
                #expect(plan.finalPlanes(afterLayer: layer) == later)
            }
            #expect(Set(plan.layers.joined()) == Set(plan.origins))
        }
    }

    @Test(arguments: [-0.1, 1, 2, Double.nan])
    func refusesOverlapsOutsideOfTheRange(overlap: Double) {
        #expect(throws: SegmentationError.self) { try WindowPlan(shape: SIMD3(9, 9, 9), window: SIMD3(4, 4, 4), overlap: overlap) }
    }

    @Test func refusesEmptyVolumes() {
        #expect(throws: SegmentationError.emptyVolume(shape: SIMD3(9, 0, 9))) {
            try WindowPlan(shape: SIMD3(9, 0, 9), window: SIMD3(4, 4, 4), overlap: 0.5)
        }
    }
}
