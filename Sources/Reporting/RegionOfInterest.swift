import MedicalImaging

extension Montage {
    /// The ranges of voxel indices that hold the patient: planes in which more than one voxel in a hundred is denser than −300 HU.
    /// Large volumes are sampled, so that the answer costs little; it only crops pictures.
    static func bodyBox(of volume: Volume<Float>) -> [ClosedRange<Int>] {
        let shape = volume.grid.shape
        let step = SIMD3(max(1, shape.x / 128), max(1, shape.y / 128), max(1, shape.z / 128))
        var counts = (0..<3).map { [Int](repeating: 0, count: shape[$0]) }
        var samples = SIMD3<Int>.zero
        volume.voxels.withUnsafeBufferPointer { voxels in
            for k in stride(from: 0, to: shape.z, by: step.z) {
                for j in stride(from: 0, to: shape.y, by: step.y) {
                    for i in stride(from: 0, to: shape.x, by: step.x) where voxels[volume.grid.index(i, j, k)] > -300 {
                        counts[0][i] += 1
                        counts[1][j] += 1
                        counts[2][k] += 1
                    }
                }
            }
        }
        for axis in 0..<3 { samples[axis] = (shape[axis] + step[axis] - 1) / step[axis] }
        return (0..<3).map { axis in
            let limit = max(1, samples[(axis + 1) % 3] * samples[(axis + 2) % 3] / 100)
            guard let first = counts[axis].firstIndex(where: { $0 > limit }), let last = counts[axis].lastIndex(where: { $0 > limit })
            else { return 0...shape[axis] - 1 }
            return max(0, first - step[axis])...min(shape[axis] - 1, last + step[axis])
        }
    }

    /// The ranges of voxel indices that hold any label, or `nil` when all is background.
    static func labelBox(of labels: LabelMap) -> [ClosedRange<Int>]? {
        let shape = labels.grid.shape
        var lower = shape
        var upper = SIMD3(repeating: -1)
        labels.voxels.withUnsafeBufferPointer { voxels in
            for k in 0..<shape.z {
                for j in 0..<shape.y {
                    let start = labels.grid.index(0, j, k)
                    guard let first = (0..<shape.x).first(where: { voxels[start + $0] != 0 }) else { continue }
                    let last = (0..<shape.x).last { voxels[start + $0] != 0 } ?? first
                    lower = pointwiseMin(lower, SIMD3(first, j, k))
                    upper = pointwiseMax(upper, SIMD3(last, j, k))
                }
            }
        }
        return upper.x < 0 ? nil : (0..<3).map { lower[$0]...upper[$0] }
    }
}
