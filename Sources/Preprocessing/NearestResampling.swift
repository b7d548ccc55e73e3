import MedicalImaging

extension Volume where Scalar: BitwiseCopyable {
    /// This volume on `target`, each voxel taking the value of the nearest one: coordinates are clamped to the volume and rounded half to even.
    package func resampledToNearest(to target: VoxelGrid, by map: IndexMap) -> Volume {
        if map.isIdentity(on: grid.shape) { return Volume(grid: target, voxels: voxels) }
        let shape = grid.shape
        let strides = SIMD3(1, shape.x, shape.x * shape.y)
        let voxels = [Scalar](unsafeUninitializedCapacity: target.count) { buffer, count in
            count = target.count
            nonisolated(unsafe) let output = buffer
            self.voxels.withUnsafeBufferPointer { values in
                nonisolated(unsafe) let input = values
                switch map {
                case .separable(let axes, let coordinates):
                    let offsets = (0..<3).map { axis in
                        coordinates[axis].map { nearestIndex($0, count: shape[axes[axis]]) * strides[axes[axis]] }
                    }
                    concurrentSlabs(of: target.shape.z) { planes in
                        for k in planes {
                            for j in 0..<target.shape.y {
                                let (row, base) = (target.index(0, j, k), offsets[1][j] + offsets[2][k])
                                for i in 0..<target.shape.x { output[row + i] = input[base + offsets[0][i]] }
                            }
                        }
                    }
                case .general(let affine):
                    concurrentSlabs(of: target.shape.z) { gatherNearest(input, shape, affine, target, planes: $0, into: output) }
                }
            }
        }
        return Volume(grid: target, voxels: voxels)
    }
}

/// The value of the voxel nearest to the image of every voxel of some `planes` of the target.
private func gatherNearest<Scalar: BitwiseCopyable>(
    _ input: UnsafeBufferPointer<Scalar>, _ shape: SIMD3<Int>, _ map: Affine, _ target: VoxelGrid, planes: Range<Int>,
    into output: UnsafeMutableBufferPointer<Scalar>
) {
    for k in planes {
        for j in 0..<target.shape.y {
            let row = target.index(0, j, k)
            for i in 0..<target.shape.x {
                let point = map(SIMD3(Double(i), Double(j), Double(k)))
                let x = nearestIndex(point.x, count: shape.x)
                let y = nearestIndex(point.y, count: shape.y)
                let z = nearestIndex(point.z, count: shape.z)
                output[row + i] = input[x + shape.x * (y + shape.y * z)]
            }
        }
    }
}

/// The index in 0..<count nearest to `coordinate`.
@inline(__always) private func nearestIndex(_ coordinate: Double, count: Int) -> Int {
    Int(min(max(coordinate, 0), Double(count - 1)).rounded(.toNearestOrEven))
}
