import MedicalImaging

/// The class logits of the planes of a volume that are still in work, summed over windows: a ring along the last axis.
///
/// Each column (x, y) is one block of memory: for every class the weighted sums of its logits along z, then the sums of the weights; plane z lies
/// in slot z mod `depth`. Adding a window is then a plain sum of runs along z. Once a plane is final (no later window reaches it) it is read brick
/// by brick (`LogitBrick`), and nothing of it is kept.
package final class LogitSlab<Element: StoredLogit> {
    package let shape: SIMD3<Int>
    package let channelCount: Int
    /// The number of planes held at once.
    package let depth: Int
    /// The number of planes that are final.
    package private(set) var finalPlanes = 0

    let values: UnsafeMutablePointer<Element>
    /// For each column the plane from which on nothing has been stored yet, so that no plane has to be cleared beforehand.
    private let storedEnds: UnsafeMutablePointer<Int32>

    /// A slab for a volume of `shape` voxels and windows of `windowDepth` planes.
    package init(shape: SIMD3<Int>, channelCount: Int, windowDepth: Int) {
        self.shape = shape
        self.channelCount = channelCount
        depth = Self.depth(shape: shape, windowDepth: windowDepth)
        // Vectors read beyond the end of a run.
        values = .allocate(capacity: shape.x * shape.y * (channelCount + 1) * depth + 16)
        storedEnds = .allocate(capacity: shape.x * shape.y)
        storedEnds.initialize(repeating: 0, count: shape.x * shape.y)
    }

    deinit {
        values.deallocate()
        storedEnds.deallocate()
    }

    /// One plane more than a window is deep: the last final plane stays until the next one is final.
    private static func depth(shape: SIMD3<Int>, windowDepth: Int) -> Int { min(shape.z, windowDepth + 1) }

    /// The bytes of such a slab.
    package static func bytes(shape: SIMD3<Int>, channelCount: Int, windowDepth: Int) -> Int {
        shape.x * shape.y * (depth(shape: shape, windowDepth: windowDepth) * (channelCount + 1) * MemoryLayout<Element>.stride + 4)
    }

    /// The first value of column (x, y).
    @inline(__always) func column(_ x: Int, _ y: Int) -> UnsafeMutablePointer<Element> {
        values + (x * shape.y + y) * (channelCount + 1) * depth
    }

    /// The parts of `planes` that lie in one piece, with the slot where each starts.
    @inline(__always) func runs(_ planes: Range<Int>) -> (first: (planes: Range<Int>, slot: Int), second: (planes: Range<Int>, slot: Int)) {
        let slot = planes.lowerBound % depth
        let border = min(planes.upperBound, planes.lowerBound + depth - slot)
        return ((planes.lowerBound..<border, slot), (border..<planes.upperBound, 0))
    }

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
        guard first.z < end.z else { return true }
        let source = flip.strides(in: window)
        let channelStride = window.x * window.y * window.z
        let channels = (0..<channelCount).map { source.start + flip.channel($0) * channelStride }
        let rows = max(0, end.x - first.x)
        var finite = [Bool](repeating: true, count: rows)
        finite.withUnsafeMutableBufferPointer { finite in
            concurrently(rows) { row in
                let x = first.x + row
                var poison: Float = 0
                for y in first.y..<end.y {
                    let start = x * source.step.x + y * source.step.y + first.z * source.step.z
                    let run = WindowRun(
                        logits: logits + start, step: source.step.z, weights: weights + (x * window.y + y) * window.z + first.z,
                        planes: origin.z + first.z..<origin.z + end.z)
                    poison += add(run, channels: channels, x: origin.x + x, y: origin.y + y)
                }
                finite[row] = poison == 0
            }
        }
        return finite.allSatisfy { $0 }
    }

    /// The part of a window at one x and y.
    private struct WindowRun {
        var logits: UnsafePointer<Float>
        /// From one plane to the next: 1, or −1 when the window was flipped.
        var step: Int
        var weights: UnsafePointer<Float>
        var planes: Range<Int>
    }

    /// - Returns: zero when all logits were finite.
    private func add(_ run: WindowRun, channels: [Int], x: Int, y: Int) -> Float {
        clear(x, y, upTo: run.planes.lowerBound)
        let column = column(x, y)
        let stored = Int(storedEnds[x * shape.y + y])
        let known = run.planes.lowerBound..<min(max(stored, run.planes.lowerBound), run.planes.upperBound)
        let fresh = known.upperBound..<run.planes.upperBound
        let (knownRuns, freshRuns) = (runs(known), runs(fresh))
        var poison: Float = 0
        for part in [(knownRuns.first, false), (knownRuns.second, false), (freshRuns.first, true), (freshRuns.second, true)] {
            let ((planes, slot), isFirst) = part
            guard !planes.isEmpty else { continue }
            let offset = planes.lowerBound - run.planes.lowerBound
            let weights = run.weights + offset
            for (channel, start) in channels.enumerated() {
                poison += Element.add(
                    run.logits + start + offset * run.step, step: run.step, weights: weights, count: planes.count,
                    to: column + channel * depth + slot, isFirst: isFirst)
            }
            Element.add(weights, count: planes.count, to: column + channelCount * depth + slot, isFirst: isFirst)
        }
        storedEnds[x * shape.y + y] = Int32(max(stored, run.planes.upperBound))
        return poison
    }

    /// Puts zeros where column (x, y) holds nothing below plane `end`.
    private func clear(_ x: Int, _ y: Int, upTo end: Int) {
        let stored = Int(storedEnds[x * shape.y + y])
        guard stored < end else { return }
        let missing = runs(max(stored, end - depth)..<end)
        for (planes, slot) in [missing.first, missing.second] where !planes.isEmpty {
            for channel in 0...channelCount { (column(x, y) + channel * depth + slot).update(repeating: .zero, count: planes.count) }
        }
        storedEnds[x * shape.y + y] = Int32(end)
    }

    // MARK: Reading

    /// Declares all planes below `end` final and hands out the bricks of cells that have become known by this, several at a time, each once.
    ///
    /// A cell lies between a voxel and its seven upper neighbours (inside the volume). `read` must write only what belongs to its brick.
    /// - Parameter withProbabilities: whether labels will be read between voxels too.
    package func settle(upTo end: Int, withProbabilities: Bool = true, read: (LogitBrick<Element>) -> Void) {
        guard end > finalPlanes else { return }
        let cellPlanes = max(0, finalPlanes - 1)..<(end == shape.z ? end : end - 1)
        concurrently(shape.x) { x in
            for y in 0..<shape.y { clear(x, y, upTo: end) }
        }
        let size = LogitBrick<Element>.size
        concurrently((shape.x + size.x - 1) / size.x) { bar in
            let brick = LogitBrick(self)
            for y in stride(from: 0, to: shape.y, by: size.y) {
                for z in stride(from: cellPlanes.lowerBound, to: cellPlanes.upperBound, by: size.z) {
                    let lower = SIMD3(bar * size.x, y, z)
                    brick.load(
                        lower, upper: pointwiseMin(lower &+ size, SIMD3(shape.x, shape.y, cellPlanes.upperBound)),
                        withProbabilities: withProbabilities)
                    read(brick)
                }
            }
        }
        finalPlanes = end
    }
}
