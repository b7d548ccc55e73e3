import MedicalImaging

/// The exact Euclidean distance from some voxels of a box to the nearest of some feature voxels, for orthogonal axes of any spacing.
///
/// Lower envelope of parabolas, one axis after the other (Felzenszwalb and Huttenlocher, Theory of Computing 2012); rows and planes without
/// features, and columns that nobody asks for, are passed over, so that a few stray voxels far away cost little.
struct DistanceTransform: Sendable {
    private let shape: SIMD3<Int>
    /// mm between voxels along each axis.
    private let spacing: SIMD3<Double>
    private let features: [Int]

    /// - Parameters:
    ///   - features: Positions in storage (i fastest) of the voxels that distance is measured to.
    ///   - shape: The number of voxels along each axis.
    ///   - spacing: mm between voxels along each axis.
    init(features: [Int], shape: SIMD3<Int>, spacing: SIMD3<Double>) {
        self.features = features
        self.shape = shape
        self.spacing = spacing
    }

    /// The distances in mm at `positions` in storage; infinite where there is no feature at all.
    func distances(at positions: [Int]) -> [Float] {
        let (width, plane) = (shape.x, shape.x * shape.y)
        var hasFeature = [Bool](repeating: false, count: shape.y * shape.z)
        var planeHasFeature = [Bool](repeating: false, count: shape.z)
        for feature in features {
            hasFeature[feature / width] = true
            planeHasFeature[feature / plane] = true
        }
        var isAsked = [Bool](repeating: false, count: plane)
        for position in positions { isAsked[position % plane] = true }
        let (rowsWithFeatures, planesWithFeatures, columnsAsked) = (hasFeature, planeHasFeature, isAsked)
        var squared = [Float](repeating: .infinity, count: plane * shape.z)
        for feature in features { squared[feature] = 0 }
        squared.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let values = buffer
            concurrentSlabs(of: shape.z) { planes in
                for k in planes where planesWithFeatures[k] {
                    for row in k * shape.y..<(k + 1) * shape.y where rowsWithFeatures[row] {
                        sweep(values, from: row * width, count: width, spacing: spacing.x)
                    }
                    envelope(values, from: k * plane, width: width, count: shape.y, stride: width, spacing: spacing.y)
                }
            }
            concurrentSlabs(of: shape.y) { rows in
                for row in rows {
                    for asked in columnsAsked[row * width..<(row + 1) * width].split(separator: false) {
                        envelope(values, from: asked.startIndex, width: asked.count, count: shape.z, stride: plane, spacing: spacing.z)
                    }
                }
            }
        }
        return positions.map { squared[$0].squareRoot() }
    }
}

/// Turns zeros and infinities along one row into squared distances along that row.
private func sweep(_ values: UnsafeMutableBufferPointer<Float>, from start: Int, count: Int, spacing: Double) {
    var steps = Double.infinity
    for i in 0..<count {
        steps = values[start + i] == 0 ? 0 : steps + 1
        values[start + i] = Float(steps * steps * spacing * spacing)
    }
    steps = .infinity
    for i in (0..<count).reversed() {
        steps = values[start + i] == 0 ? 0 : steps + 1
        values[start + i] = min(values[start + i], Float(steps * steps * spacing * spacing))
    }
}

/// Replaces `width` adjacent lines of `count` values, `stride` apart, by the lower envelopes of the parabolas that rise from them.
private func envelope(_ values: UnsafeMutableBufferPointer<Float>, from start: Int, width: Int, count: Int, stride: Int, spacing: Double) {
    let tile = 16
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * (tile + 2)) { scratch in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { sites in
            let heights = UnsafeMutableBufferPointer(rebasing: scratch[..<(count * tile)])
            let bounds = UnsafeMutableBufferPointer(rebasing: scratch[(count * tile)...])
            for first in Swift.stride(from: 0, to: width, by: tile) {
                let lines = min(tile, width - first)
                // Lines are gathered so that each lies together in memory.
                for position in 0..<count {
                    let row = start + first + position * stride
                    for line in 0..<lines { heights[line * count + position] = Double(values[row + line]) }
                }
                for line in 0..<lines {
                    let height = UnsafeMutableBufferPointer(rebasing: heights[(line * count)..<((line + 1) * count)])
                    let last = findSites(height, spacing, into: sites, bounds)
                    guard last >= 0 else { continue }
                    var site = 0
                    for position in 0..<count {
                        let x = Double(position) * spacing
                        while site < last, bounds[site + 1] < x { site += 1 }
                        let distance = x - Double(sites[site]) * spacing
                        values[start + first + position * stride + line] = Float(distance * distance + height[sites[site]])
                    }
                }
            }
        }
    }
}

/// Finds the parabolas of the lower envelope; `bounds[s]` is where site `s` takes over. Returns the index of the last, −1 when all heights are infinite.
private func findSites(
    _ height: UnsafeMutableBufferPointer<Double>, _ spacing: Double, into sites: UnsafeMutableBufferPointer<Int>,
    _ bounds: UnsafeMutableBufferPointer<Double>
) -> Int {
    var last = -1
    for position in 0..<height.count where height[position] < .infinity {
        let x = Double(position) * spacing
        var crossing = -Double.infinity
        while last >= 0 {
            let other = Double(sites[last]) * spacing
            crossing = ((height[position] + x * x) - (height[sites[last]] + other * other)) / (2 * (x - other))
            if crossing > bounds[last] { break }
            last -= 1
        }
        last += 1
        sites[last] = position
        bounds[last] = last == 0 ? -.infinity : crossing
    }
    return last
}
