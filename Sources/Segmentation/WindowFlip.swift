import MedicalImaging

/// A mirror image of a window: the axes that run backwards, and the channels that swap because left and right do.
package struct WindowFlip: Sendable, Equatable {
    /// The axes of the window that run backwards.
    package var reversed: SIMDMask<SIMD3<Int>>
    /// For each channel, the one that means the same organ in the flipped window; empty when none changes.
    package var channels: [Int]

    /// The window as it is.
    package static let none = WindowFlip(reversed: SIMDMask(repeating: false), channels: [])

    package init(reversed: SIMDMask<SIMD3<Int>>, channels: [Int]) {
        self.reversed = reversed
        self.channels = channels
    }

    /// The channel of the flipped window that belongs to `channel`.
    func channel(_ channel: Int) -> Int { channels.isEmpty ? channel : channels[channel] }

    /// Where voxel (0, 0, 0) lies in the flipped window (C order), and the steps from there along each axis.
    func strides(in window: SIMD3<Int>) -> (start: Int, step: SIMD3<Int>) {
        var step = SIMD3(window.y * window.z, window.z, 1)
        var start = 0
        for axis in 0..<3 where reversed[axis] {
            start += (window[axis] - 1) * step[axis]
            step[axis] = -step[axis]
        }
        return (start, step)
    }
}

extension WindowFlip {
    /// All combinations of the flips that the options ask for, the window as it is first.
    ///
    /// A flip along the patient's left-right axis swaps the channels of paired organs; the others swap none.
    /// - Throws: `SegmentationError.unknownMirroredChannels`; `.obliqueFlip` when the axes of `grid` are further than 30° from the patient's.
    static func combinations(_ options: SegmentationOptions, grid: VoxelGrid, channelCount: Int) throws(SegmentationError) -> [WindowFlip] {
        let axes = FlipAxis.allCases.filter(options.flips.contains)
        var flips = [WindowFlip.none]
        for axis in axes {
            let gridAxis = try gridAxis(of: axis, in: grid)
            var channels: [Int] = []
            if axis == .leftRight { channels = try mirroredChannels(options, channelCount: channelCount) }
            flips += flips.map { flip in
                var flipped = flip
                flipped.reversed[gridAxis] = true
                if !channels.isEmpty { flipped.channels = channels }
                return flipped
            }
        }
        return flips
    }

    private static func mirroredChannels(_ options: SegmentationOptions, channelCount: Int) throws(SegmentationError) -> [Int] {
        if let channels = options.mirroredChannels { return channels }
        guard channelCount == Organ.channelCount else { throw .unknownMirroredChannels(channelCount: channelCount) }
        return [0] + Organ.allCases.map { Int($0.mirrored.rawValue) }
    }

    /// The axis of the grid along which the patient axis runs.
    private static func gridAxis(of axis: FlipAxis, in grid: VoxelGrid) throws(SegmentationError) -> Int {
        let row = FlipAxis.allCases.firstIndex(of: axis)!
        let spacing = grid.spacing
        for column in 0..<3 where abs(grid.affine[row, column]) > 0.866 * spacing[column] { return column }
        throw .obliqueFlip
    }
}
