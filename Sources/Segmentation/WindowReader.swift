import MedicalImaging

/// Copies windows out of a volume, in the layout of a network: C order, the last axis fastest, zeros outside of the volume.
package struct WindowReader {
    package let volume: Volume<Float>
    package let window: SIMD3<Int>

    package init(volume: Volume<Float>, window: SIMD3<Int>) {
        self.volume = volume
        self.window = window
    }

    /// The number of voxels of a window.
    package var count: Int { window.x * window.y * window.z }

    /// Whether no voxel of the window exceeds `threshold`; voxels outside of the volume do not.
    package func isBackground(at origin: SIMD3<Int>, threshold: Float) -> Bool {
        let (first, end) = region(origin)
        return volume.voxels.withUnsafeBufferPointer { voxels in
            for k in first.z..<end.z {
                for j in first.y..<end.y {
                    var greatest = -Float.infinity
                    let row = volume.grid.index(0, j, k)
                    for i in row + first.x..<row + end.x { greatest = voxels[i] > greatest ? voxels[i] : greatest }
                    if greatest > threshold { return false }
                }
            }
            return true
        }
    }

    /// Writes the window at `origin`, flipped, to `target` (`count` values).
    package func read(at origin: SIMD3<Int>, flip: WindowFlip, to target: UnsafeMutablePointer<Float>) {
        let (first, end) = region(origin)
        if first != origin || end != origin &+ window { target.update(repeating: 0, count: count) }
        let (start, step) = flip.strides(in: window)
        volume.voxels.withUnsafeBufferPointer { voxels in
            // Sixteen columns at a time: short runs along the volume's fastest axis in, sixteen long runs along the window's fastest axis out.
            for y in first.y..<end.y {
                for block in stride(from: first.x, to: end.x, by: 16) {
                    for z in first.z..<end.z {
                        let source = voxels.baseAddress! + volume.grid.index(0, y, z)
                        let row = target + start + (y - origin.y) * step.y + (z - origin.z) * step.z
                        for x in block..<min(block + 16, end.x) { row[(x - origin.x) * step.x] = source[x] }
                    }
                }
            }
        }
    }

    /// The part of the window that lies inside the volume.
    private func region(_ origin: SIMD3<Int>) -> (first: SIMD3<Int>, end: SIMD3<Int>) {
        (pointwiseMax(origin, .zero), pointwiseMin(origin &+ window, volume.grid.shape))
    }
}
