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
