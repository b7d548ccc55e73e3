/// The class logits of the planes of a volume that are still in work, summed over windows: a ring along the last axis.
///
/// A voxel takes `stride` values, classes innermost: the weighted sum of its logits, then the sum of the weights, then zeros up to a multiple
/// of four. Voxels of one plane lie in C order [X, Y]; plane z lies in slot z mod `depth`. Once a plane is final (no later window reaches it),
/// `settle` finds its labels, and turns logits into probabilities where the labels of neighbours differ; nowhere else are they ever needed.
/// (Where all eight corners of a cell agree on the greatest class, so does every trilinear mixture of their probabilities.)
package final class LogitSlab<Element: StoredLogit> {
    /// A cell whose corners have different labels.
    package static var mixed: UInt8 { 255 }

    package let shape: SIMD3<Int>
    package let channelCount: Int
    /// The number of planes held at once.
    package let depth: Int
    /// The number of values per voxel.
    package let stride: Int
    /// The number of planes that are final.
    package internal(set) var finalPlanes = 0

    package let values: UnsafeMutablePointer<Element>
    /// The label of each voxel of final planes.
    package let labels: UnsafeMutablePointer<UInt8>
    /// The common label of voxel (x, y, z) and its seven upper neighbours (inside the volume), or `mixed`.
    package let cells: UnsafeMutablePointer<UInt8>
    /// Whether the values of a voxel are probabilities already.
    let converted: UnsafeMutablePointer<Bool>

    /// A slab for a volume of `shape` voxels and windows of `windowDepth` planes.
    package init(shape: SIMD3<Int>, channelCount: Int, windowDepth: Int) {
        self.shape = shape
        self.channelCount = channelCount
        depth = Self.depth(shape: shape, windowDepth: windowDepth)
        stride = Self.stride(channelCount: channelCount)
        let voxels = depth * shape.x * shape.y
        values = .allocate(capacity: voxels * stride)
        values.initialize(repeating: .zero, count: voxels * stride)
        labels = .allocate(capacity: voxels)
        labels.initialize(repeating: 0, count: voxels)
        cells = .allocate(capacity: voxels)
        cells.initialize(repeating: 0, count: voxels)
        converted = .allocate(capacity: voxels)
        converted.initialize(repeating: false, count: voxels)
    }

    deinit {
        values.deallocate()
        labels.deallocate()
        cells.deallocate()
        converted.deallocate()
    }

    /// One plane more than a window is deep: the last final plane stays until the next one is final.
    private static func depth(shape: SIMD3<Int>, windowDepth: Int) -> Int { min(shape.z, windowDepth + 1) }

    private static func stride(channelCount: Int) -> Int { (channelCount + 1 + 3) / 4 * 4 }

    /// The bytes of such a slab.
    package static func bytes(shape: SIMD3<Int>, channelCount: Int, windowDepth: Int) -> Int {
        depth(shape: shape, windowDepth: windowDepth) * shape.x * shape.y * (stride(channelCount: channelCount) * MemoryLayout<Element>.stride + 3)
    }

    /// The number of voxels of a plane.
    package var planeCount: Int { shape.x * shape.y }

    /// The position of the first voxel of plane `z`, in voxels.
    @inline(__always) package func planeStart(_ z: Int) -> Int { z % depth * planeCount }

    // MARK: Windows

    /// Adds the weighted logits of one window.
    /// - Parameters:
    ///   - logits: [channels, X, Y, Z] in C order.
    ///   - weights: [X, Y, Z] in C order.
    ///   - window: the window's origin in the volume (voxels outside are left out) and its shape.
    ///   - flip: how the window was flipped before prediction; undone here.
    /// - Returns: whether all logits were finite.
    package func add(
        _ logits: UnsafePointer<Float>, weights: UnsafePointer<Float>, origin: SIMD3<Int>, window: SIMD3<Int>, flip: WindowFlip
    ) -> Bool {
        let first = pointwiseMax(.zero, .zero &- origin)
        let end = pointwiseMin(window, shape &- origin)
        let source = flip.strides(in: window)
        let channelStride = window.x * window.y * window.z
        let channels = (0..<channelCount).map { flip.channel($0) * channelStride }
        let rows = max(0, end.x - first.x)
        var finite = [Bool](repeating: true, count: rows)
        finite.withUnsafeMutableBufferPointer { finite in
            concurrently(rows) { row in
                let x = first.x + row
                let region = WindowRow(
                    logits: logits + source.start + x * source.step.x, weights: weights + x * window.y * window.z,
                    step: source.step, weightStep: window.z, y: first.y..<end.y, z: first.z..<end.z,
                    target: (origin.x + x) * shape.y + origin.y, originZ: origin.z)
                finite[row] = add(region, channels: channels)
            }
        }
        return finite.allSatisfy { $0 }
    }

    /// The part of a window at one x.
    private struct WindowRow {
        var logits: UnsafePointer<Float>
        var weights: UnsafePointer<Float>
        var step: SIMD3<Int>
        var weightStep: Int
        var y: Range<Int>
        var z: Range<Int>
        /// The voxel of a plane where the row starts.
        var target: Int
        var originZ: Int
    }

    /// Adds one row of a window, a tile of sixteen planes at a time: gathered with classes innermost, then added to the planes.
    private func add(_ row: WindowRow, channels: [Int]) -> Bool {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * stride) { tile in
            tile.initialize(repeating: 0)
            let tile = tile.baseAddress!
            var poison = SIMD4<Float>.zero
            for tileStart in Swift.stride(from: row.z.lowerBound, to: row.z.upperBound, by: 16) {
                let planes = tileStart..<min(tileStart + 16, row.z.upperBound)
                for y in row.y {
                    gather(row, y: y, planes: planes, channels: channels, into: tile)
                    for (position, z) in planes.enumerated() {
                        let voxel = values + (planeStart(row.originZ + z) + row.target + y) * stride
                        for channel in Swift.stride(from: 0, to: stride, by: 4) {
                            let addend = Float.load(tile + position * stride + channel)
                            poison += addend * 0
                            Element.store(Element.load(voxel + channel) + addend, to: voxel + channel)
                        }
                    }
                }
            }
            return poison == .zero
        }
    }

    /// Fills a tile: for each of up to sixteen planes the weighted logits of one voxel, then the weight.
    @inline(__always) private func gather(
        _ row: WindowRow, y: Int, planes: Range<Int>, channels: [Int], into tile: UnsafeMutablePointer<Float>
    ) {
        let weights = row.weights + y * row.weightStep + planes.lowerBound
        let source = row.logits + y * row.step.y + planes.lowerBound * row.step.z
        for channel in 0..<channelCount {
            let logits = source + channels[channel]
            for position in 0..<planes.count {
                tile[position * stride + channel] = logits[position * row.step.z] * weights[position]
            }
        }
        for position in 0..<planes.count { tile[position * stride + channelCount] = weights[position] }
    }
}
