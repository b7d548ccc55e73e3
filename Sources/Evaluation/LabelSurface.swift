import MedicalImaging

/// The surface of one label: its voxels of which at least one of the six face neighbours has another label or lies outside of the volume. Each
/// counts as one surface element, at the centre of the voxel (MONAI 1.6.1 `get_mask_edges` without subvoxels).
struct LabelSurface: Sendable {
    /// Positions in the storage of `box` (i fastest).
    let positions: [Int]

    /// - Precondition: `box` lies inside of the map's volume.
    init(of label: UInt8, in map: LabelMap, box: VoxelBox) {
        let grid = map.grid
        let shape = box.shape
        let strides = SIMD3(1, grid.shape.x, grid.shape.x * grid.shape.y)
        var positions: [Int] = []
        map.voxels.withUnsafeBufferPointer { voxels in
            for k in box.lower.z..<box.upper.z {
                for j in box.lower.y..<box.upper.y {
                    let onFace = j == 0 || k == 0 || j == grid.shape.y - 1 || k == grid.shape.z - 1
                    let row = (j - box.lower.y + shape.y * (k - box.lower.z)) * shape.x - box.lower.x
                    for i in box.lower.x..<box.upper.x {
                        let at = grid.index(i, j, k)
                        guard voxels[at] == label else { continue }
                        let isInner =
                            !onFace && i > 0 && i < grid.shape.x - 1 && voxels[at - 1] == label && voxels[at + 1] == label
                            && voxels[at - strides.y] == label && voxels[at + strides.y] == label && voxels[at - strides.z] == label
                            && voxels[at + strides.z] == label
                        if !isInner { positions.append(row + i) }
                    }
                }
            }
        }
        self.positions = positions
    }
}

/// The distances in mm between two surfaces, in both directions.
struct SurfaceDistances: Sendable {
    /// From each element of the prediction's surface to the nearest one of the reference's.
    let fromPrediction: [Float]
    /// From each element of the reference's surface to the nearest one of the prediction's.
    let fromReference: [Float]

    /// - Precondition: Both maps hold the label, all of it inside `box`, and have the same shape.
    ///
    /// The axes are taken as orthogonal; on a sheared grid the distances are those in the unsheared one.
    init(of label: UInt8, reference: LabelMap, prediction: LabelMap, box: VoxelBox) {
        let predicted = LabelSurface(of: label, in: prediction, box: box).positions
        let expected = LabelSurface(of: label, in: reference, box: box).positions
        let spacing = reference.grid.spacing
        func distances(from positions: [Int], to features: [Int]) -> [Float] {
            DistanceTransform(features: features, shape: box.shape, spacing: spacing).distances(at: positions)
        }
        fromPrediction = distances(from: predicted, to: expected)
        fromReference = distances(from: expected, to: predicted)
    }

    /// The greater of the two directions' percentiles (0–100), each interpolated linearly between ranks.
    func hausdorff(percentile: Double) -> Double {
        max(quantile(percentile / 100, of: fromPrediction), quantile(percentile / 100, of: fromReference))
    }

    /// The share of the elements of both surfaces that are no farther than `tolerance` mm from the other one.
    func surfaceDice(tolerance: Double) -> Double {
        // 10⁻⁵ mm of slack: distances are in single precision, and equality counts as within.
        let limit = Float(tolerance) + 1e-5
        let near = fromPrediction.count { $0 <= limit } + fromReference.count { $0 <= limit }
        return Double(near) / Double(fromPrediction.count + fromReference.count)
    }
}

/// The value below which `fraction` of `values` lie, interpolated linearly between ranks 0 … count−1; NaN for none.
func quantile(_ fraction: Double, of values: [Float]) -> Double {
    quantile(fraction, ofSorted: values.sorted().map(Double.init))
}

/// As `quantile(_:of:)`, for values in ascending order.
func quantile(_ fraction: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.last else { return .nan }
    let rank = fraction * Double(values.count - 1)
    let lower = Int(rank)
    guard lower + 1 < values.count else { return last }
    return values[lower] + (values[lower + 1] - values[lower]) * (rank - Double(lower))
}
