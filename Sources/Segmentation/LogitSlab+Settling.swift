extension LogitSlab {
    /// Declares all planes below `end` final: finds their labels and the cells between them, and turns the logits of voxels next to a
    /// mixed cell into probabilities.
    /// - Returns: the planes that have become final by this. The plane before them is still held; release it, and all but the last of
    ///   these, when they have been read.
    package func settle(upTo end: Int) -> Range<Int> {
        let fresh = finalPlanes..<max(end, finalPlanes)
        let known = max(0, finalPlanes - 1)..<fresh.upperBound
        guard !fresh.isEmpty else { return fresh }
        concurrently(fresh.count) { findLabels(plane: fresh.lowerBound + $0) }
        let pairs = known.lowerBound..<(end == shape.z ? end : end - 1)
        concurrently(pairs.count) { compareCorners(plane: pairs.lowerBound + $0) }
        concurrently(known.count) { convert(plane: known.lowerBound + $0, cellPlanes: pairs) }
        finalPlanes = end
        return fresh
    }

    /// Clears the planes below `end` so that their slots serve later planes.
    package func release(_ planes: Range<Int>) {
        concurrently(planes.count) { index in
            let start = planeStart(planes.lowerBound + index)
            (values + start * stride).update(repeating: .zero, count: planeCount * stride)
            (converted + start).update(repeating: false, count: planeCount)
        }
    }

    /// The greatest class of every voxel of a plane; the lowest one among equals, background where no window voted.
    private func findLabels(plane z: Int) {
        let start = planeStart(z)
        for voxel in start..<start + planeCount {
            let value = values + voxel * stride
            let votes = Element.load(value + channelCount / 4 * 4)[channelCount % 4]
            labels[voxel] = votes > 0 ? greatest(value) : 0
        }
    }

    /// The index of the greatest of `channelCount` values, the lowest one among equals.
    @inline(__always) private func greatest(_ value: UnsafePointer<Element>) -> UInt8 {
        var best = -Float.infinity
        var label = 0
        for first in Swift.stride(from: 0, to: channelCount, by: 4) {
            let quad = Element.load(value + first)
            for lane in 0..<min(4, channelCount - first) where quad[lane] > best {
                best = quad[lane]
                label = first + lane
            }
        }
        return UInt8(truncatingIfNeeded: label)
    }

    /// Finds the cells of a plane whose corners agree.
    private func compareCorners(plane z: Int) {
        let (lower, upper) = (planeStart(z), planeStart(min(z + 1, shape.z - 1)))
        for x in 0..<shape.x {
            let row = x * shape.y
            let next = min(x + 1, shape.x - 1) * shape.y
            for y in 0..<shape.y {
                let above = min(y + 1, shape.y - 1)
                let label = labels[lower + row + y]
                var difference = label ^ labels[lower + row + above]
                difference |= label ^ labels[lower + next + y]
                difference |= label ^ labels[lower + next + above]
                difference |= label ^ labels[upper + row + y]
                difference |= label ^ labels[upper + row + above]
                difference |= label ^ labels[upper + next + y]
                difference |= label ^ labels[upper + next + above]
                cells[lower + row + y] = difference == 0 ? label : Self.mixed
            }
        }
    }

    /// Turns the logits of a plane's voxels at the corners of mixed cells into probabilities.
    private func convert(plane z: Int, cellPlanes: Range<Int>) {
        let plane = planeStart(z)
        let around = (z - 1...z).filter(cellPlanes.contains).map(planeStart)
        for x in 0..<shape.x {
            for y in 0..<shape.y {
                let voxel = plane + x * shape.y + y
                guard !converted[voxel], touchesMixedCell(x, y, planes: around) else { continue }
                softmax(values + voxel * stride)
                converted[voxel] = true
            }
        }
    }

    @inline(__always) private func touchesMixedCell(_ x: Int, _ y: Int, planes: [Int]) -> Bool {
        for plane in planes {
            for cellX in max(x - 1, 0)...x {
                for cellY in max(y - 1, 0)...y where cells[plane + cellX * shape.y + cellY] == Self.mixed { return true }
            }
        }
        return false
    }

    /// Replaces the summed logits of a voxel by its class probabilities, and what follows them by zeros.
    private func softmax(_ value: UnsafeMutablePointer<Element>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: stride) { buffer in
            let buffer = buffer.baseAddress!
            for first in Swift.stride(from: 0, to: stride, by: 4) { Float.store(Element.load(value + first), to: buffer + first) }
            let votes = buffer[channelCount]
            if votes > 0 {
                softmax(buffer, divisor: votes)
            } else {
                buffer.update(repeating: 0, count: stride)
                buffer[0] = 1
            }
            for first in Swift.stride(from: 0, to: stride, by: 4) { Element.store(Float.load(buffer + first), to: value + first) }
        }
    }

    /// exp(v / divisor) over its sum for the classes, zero for what follows them; in place.
    @inline(__always) private func softmax(_ values: UnsafeMutablePointer<Float>, divisor: Float) {
        for padding in channelCount..<stride { values[padding] = -.infinity }
        var greatest = Float.load(values)
        for first in Swift.stride(from: 4, to: stride, by: 4) {
            let quad = Float.load(values + first)
            greatest.replace(with: quad, where: quad .> greatest)
        }
        let offset = SIMD4(repeating: max(max(greatest[0], greatest[1]), max(greatest[2], greatest[3])))
        let scale = SIMD4(repeating: 1 / divisor)
        var sum = SIMD4<Float>.zero
        for first in Swift.stride(from: 0, to: stride, by: 4) {
            let power = exponentials((Float.load(values + first) - offset) * scale)
            Float.store(power, to: values + first)
            sum += power
        }
        let factor = SIMD4(repeating: 1 / ((sum[0] + sum[1]) + (sum[2] + sum[3])))
        for first in Swift.stride(from: 0, to: stride, by: 4) { Float.store(Float.load(values + first) * factor, to: values + first) }
    }
}
