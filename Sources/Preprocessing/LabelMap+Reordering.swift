import MedicalImaging

extension Volume where Scalar == UInt8 {
    /// The same labels in the same places, stored with the voxel axes in the order and the directions of `other`'s. Nothing is resampled.
    package func reordered(like other: VoxelGrid) -> LabelMap {
        guard let stored = grid.orientation, let wanted = other.orientation, stored != wanted else { return self }
        let reorientation = Reorientation(from: stored, to: wanted)
        let target = reorientation.applied(to: grid)
        let strides = [1, grid.shape.x, grid.shape.x * grid.shape.y]
        // Along each new axis: the step in storage, and where the axis starts.
        var steps = [0, 0, 0]
        var start = 0
        for axis in 0..<3 {
            let source = reorientation.sourceAxes[axis]
            steps[axis] = reorientation.flipped[axis] ? -strides[source] : strides[source]
            if reorientation.flipped[axis] { start += (grid.shape[source] - 1) * strides[source] }
        }
        let labels = voxels.withUnsafeBufferPointer { voxels in
            [UInt8](unsafeUninitializedCapacity: target.count) { buffer, count in
                for k in 0..<target.shape.z {
                    for j in 0..<target.shape.y {
                        let row = start + k * steps[2] + j * steps[1]
                        for i in 0..<target.shape.x {
                            buffer[count] = voxels[row + i * steps[0]]
                            count += 1
                        }
                    }
                }
            }
        }
        return LabelMap(grid: target, voxels: labels)
    }
}
