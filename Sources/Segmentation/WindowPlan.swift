/// Where the windows of a sliding-window inference lie: integers only, no voxels.
///
/// Follows MONAI's `sliding_window_inference` and `dense_patch_slices`: axes shorter than the window are padded on both sides (the
/// smaller half first), windows start every `Int(window × (1 − overlap))` voxels, and the last one is pulled back to end at the border.
public struct WindowPlan: Sendable, Equatable {
    /// The shape of the volume in voxels.
    public let shape: SIMD3<Int>
    /// The shape of a window in voxels.
    public let window: SIMD3<Int>
    /// The voxels padded before the first one, per axis.
    public let padding: SIMD3<Int>
    /// The distance between windows, per axis.
    public let interval: SIMD3<Int>
    /// The starts of the windows along each axis, ascending, in voxels of the volume: negative where the axis is padded.
    public let starts: [[Int]]

    /// A plan for windows of `window` voxels over a volume of `shape` voxels.
    /// - Parameters:
    ///   - window: components that are zero or negative stand for the extent of the volume.
    ///   - overlap: the share of a window that the next one covers again, in 0 ..< 1.
    /// - Throws: `SegmentationError.invalidOption`, `.emptyVolume`.
    public init(shape: SIMD3<Int>, window: SIMD3<Int>, overlap: Double) throws(SegmentationError) {
        guard overlap >= 0, overlap < 1 else {
            throw .invalidOption(name: "overlap", found: "\(overlap)", expected: "a share of at least 0 and less than 1")
        }
        guard shape.x > 0, shape.y > 0, shape.z > 0 else { throw .emptyVolume(shape: shape) }
        self.shape = shape
        self.window = window.replacing(with: shape, where: window .<= 0)
        var padding = SIMD3<Int>.zero
        var interval = SIMD3<Int>.zero
        var starts: [[Int]] = []
        for axis in 0..<3 {
            let extent = max(shape[axis], self.window[axis])
            padding[axis] = (extent - shape[axis]) / 2
            interval[axis] = extent == self.window[axis] ? extent : max(1, Int(Double(self.window[axis]) * (1 - overlap)))
            starts.append(Self.starts(extent: extent, window: self.window[axis], interval: interval[axis]).map { $0 - padding[axis] })
        }
        self.padding = padding
        self.interval = interval
        self.starts = starts
    }

    /// The starts along one axis of `extent` voxels: every `interval` voxels until a window reaches the border, the last one pulled back.
    private static func starts(extent: Int, window: Int, interval: Int) -> [Int] {
        var starts: [Int] = []
        var start = 0
        while start + window < extent {
            starts.append(start)
            start += interval
        }
        starts.append(extent - window)
        return starts
    }

    /// The number of windows.
    public var count: Int { starts[0].count * starts[1].count * starts[2].count }

    /// The starts of all windows in MONAI's order: the last axis runs fastest.
    public var origins: [SIMD3<Int>] {
        starts[0].flatMap { x in starts[1].flatMap { y in starts[2].map { z in SIMD3(x, y, z) } } }
    }

    /// The starts of the windows layer by layer along the last axis, for streaming.
    ///
    /// After the windows of one layer, all voxels below the start of the next layer are final.
    public var layers: [[SIMD3<Int>]] {
        starts[2].map { z in starts[0].flatMap { x in starts[1].map { y in SIMD3(x, y, z) } } }
    }

    /// The number of planes along the last axis that are final once the windows of `layer` have been predicted.
    public func finalPlanes(afterLayer layer: Int) -> Int {
        layer + 1 < starts[2].count ? starts[2][layer + 1] : shape.z
    }
}
