/// Looks at the intensities of a CT for what spoils a segmentation: voxels that are no numbers, and values that are no Hounsfield units.
struct IntensityCheck {
    var minimum = Float.infinity
    var maximum = -Float.infinity
    var notFiniteCount = 0
    var firstNotFinite = Int.max

    init(_ voxels: UnsafeBufferPointer<Float>) {
        let block = 1 << 20
        let blocks = (voxels.count + block - 1) / block
        var parts = [IntensityCheck](repeating: IntensityCheck(), count: blocks)
        parts.withUnsafeMutableBufferPointer { parts in
            nonisolated(unsafe) let parts = parts
            nonisolated(unsafe) let voxels = voxels
            concurrently(blocks) { number in
                parts[number].scan(voxels, number * block..<min(voxels.count, (number + 1) * block))
            }
        }
        for part in parts {
            minimum = min(minimum, part.minimum)
            maximum = max(maximum, part.maximum)
            notFiniteCount += part.notFiniteCount
            firstNotFinite = min(firstNotFinite, part.firstNotFinite)
        }
    }

    private init() {}

    private mutating func scan(_ voxels: UnsafeBufferPointer<Float>, _ range: Range<Int>) {
        for index in range {
            let value = voxels[index]
            guard value.isFinite else {
                notFiniteCount += 1
                firstNotFinite = min(firstNotFinite, index)
                continue
            }
            minimum = min(minimum, value)
            maximum = max(maximum, value)
        }
    }

    /// What is odd about the intensities as Hounsfield units: air is −1000, water 0, dense bone 2000.
    var warnings: [ImageWarning] {
        if minimum == maximum { return [ImageWarning(.intensity, "every voxel holds \(minimum): this is no CT")] }
        if minimum >= 0, maximum <= 1 {
            return [
                ImageWarning(
                    .intensity, "all values lie from \(minimum) to \(maximum): the image looks normalised already, expected Hounsfield units")
            ]
        }
        if minimum < -32768 || maximum > 32767 {
            return [ImageWarning(.intensity, "values reach from \(minimum) to \(maximum), beyond any Hounsfield unit: is the rescale right?")]
        }
        if minimum > -500 {
            return [
                ImageWarning(
                    .intensity, "no voxel lies below −500 HU (least: \(minimum)): the image was clipped, shows no air, or lost its rescale intercept")
            ]
        }
        return []
    }

    /// Replaces voxels that are not finite by the smallest finite value, and says so.
    static func mend(_ volume: inout Volume<Float>, found check: IntensityCheck) -> ImageWarning? {
        guard check.notFiniteCount > 0 else { return nil }
        for index in volume.voxels.indices where !volume.voxels[index].isFinite { volume.voxels[index] = check.minimum }
        let voxel = volume.grid.voxel(at: check.firstNotFinite)
        return ImageWarning(
            .notFinite,
            "\(check.notFiniteCount) voxels are not a number or infinite, the first at (\(voxel.x), \(voxel.y), \(voxel.z)): \(check.minimum) was put there"
        )
    }
}

extension VoxelGrid {
    /// The voxel at a position of the linear storage.
    package func voxel(at index: Int) -> SIMD3<Int> { SIMD3(index % shape.x, index / shape.x % shape.y, index / (shape.x * shape.y)) }
}
