import MedicalImaging

/// Where a linear interpolation along one axis reads: between `lower` and `upper`, `weight` of the way.
struct LinearTap: Sendable {
    let lower: Int
    let upper: Int
    let weight: Double

    /// The tap at `coordinate`, clamped to the voxel centres 0…count−1.
    @inline(__always)
    init(_ coordinate: Double, count: Int) {
        let clamped = min(max(coordinate, 0), Double(count - 1))
        lower = Int(clamped)
        upper = min(lower + 1, count - 1)
        weight = clamped - Double(lower)
    }
}

extension Volume<Float> {
    /// This volume on `target`, interpolated linearly between voxel centres and held constant beyond the outermost ones; coordinates and sums in
    /// double precision (PyTorch's `grid_sample` with bilinear mode and border padding).
    package func resampledLinearly(to target: VoxelGrid, by map: IndexMap) -> Volume<Float> {
        if map.isIdentity(on: grid.shape) { return Volume(grid: target, voxels: voxels) }
        let shape = grid.shape
        let voxels = [Float](unsafeUninitializedCapacity: target.count) { buffer, count in
            count = target.count
            nonisolated(unsafe) let output = buffer
            self.voxels.withUnsafeBufferPointer { values in
                nonisolated(unsafe) let input = values
                switch map {
                case .separable(let axes, let coordinates):
                    SeparableLinearPass(sourceShape: shape, targetShape: target.shape, axes: axes, coordinates: coordinates).run(input, output)
                case .general(let affine):
                    concurrentSlabs(of: target.shape.z) { gatherLinearly(input, shape, affine, target, planes: $0, into: output) }
                }
            }
        }
        return Volume(grid: target, voxels: voxels)
    }
}

/// Trilinear interpolation at the image of every voxel of some `planes` of the target: the way for sheared grids, and the oracle of the separable one.
private func gatherLinearly(
    _ input: UnsafeBufferPointer<Float>, _ shape: SIMD3<Int>, _ map: Affine, _ target: VoxelGrid, planes: Range<Int>,
    into output: UnsafeMutableBufferPointer<Float>
) {
    let (strideY, strideZ) = (shape.x, shape.x * shape.y)
    let (c0, c1, c2, t) = (map.columns[0], map.columns[1], map.columns[2], map.translation)
    for k in planes {
        for j in 0..<target.shape.y {
            let row = target.index(0, j, k)
            for i in 0..<target.shape.x {
                let point = c0 * Double(i) + c1 * Double(j) + c2 * Double(k) + t
                let x = LinearTap(point.x, count: shape.x)
                let y = LinearTap(point.y, count: shape.y)
                let z = LinearTap(point.z, count: shape.z)
                func line(_ base: Int) -> Double { mix(Double(input[base + x.lower]), Double(input[base + x.upper]), x.weight) }
                func plane(_ base: Int) -> Double { mix(line(base + strideY * y.lower), line(base + strideY * y.upper), y.weight) }
                output[row + i] = Float(mix(plane(strideZ * z.lower), plane(strideZ * z.upper), z.weight))
            }
        }
    }
}

/// The point `weight` of the way from `a` to `b`; exactly `a` where both are equal, and where `weight` is 0.
@inline(__always) func mix(_ a: Double, _ b: Double, _ weight: Double) -> Double { a + (b - a) * weight }
