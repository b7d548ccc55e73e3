import MedicalImaging

/// Trilinear interpolation where every target axis runs along one source axis: four source lines are blended into one line, which is then
/// interpolated along itself. Nothing but that line is held besides input and output; permuted and flipped axes cost nothing extra.
struct SeparableLinearPass: Sendable {
    /// Per source axis: the taps of the target indices that read it, and the target's stride along them.
    private let taps: [[LinearTap]]
    private let targetStrides: [Int]
    private let sourceShape: SIMD3<Int>

    init(sourceShape: SIMD3<Int>, targetShape: SIMD3<Int>, axes: SIMD3<Int>, coordinates: [[Double]]) {
        let strides = [1, targetShape.x, targetShape.x * targetShape.y]
        var taps = [[LinearTap]](repeating: [], count: 3)
        var targetStrides = [0, 0, 0]
        for axis in 0..<3 {
            let source = axes[axis]
            taps[source] = coordinates[axis].map { LinearTap($0, count: sourceShape[source]) }
            targetStrides[source] = strides[axis]
        }
        self.taps = taps
        self.targetStrides = targetStrides
        self.sourceShape = sourceShape
    }

    func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
        nonisolated(unsafe) let (input, output) = (input, output)
        concurrentSlabs(of: taps[2].count) { planes in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: sourceShape.x) { line in
                for plane in planes {
                    for row in taps[1].indices {
                        blend(input, row: taps[1][row], plane: taps[2][plane], into: line)
                        interpolate(line, into: output, at: plane * targetStrides[2] + row * targetStrides[1])
                    }
                }
            }
        }
    }

    /// Blends the four lines around (row, plane) into `line`.
    @inline(__always)
    private func blend(_ input: UnsafeBufferPointer<Float>, row: LinearTap, plane: LinearTap, into line: UnsafeMutableBufferPointer<Double>) {
        let (nx, ny) = (sourceShape.x, sourceShape.y)
        let base = input.baseAddress.unsafelyUnwrapped
        let a = base + nx * (row.lower + ny * plane.lower)
        let b = base + nx * (row.upper + ny * plane.lower)
        let c = base + nx * (row.lower + ny * plane.upper)
        let d = base + nx * (row.upper + ny * plane.upper)
        let to = line.baseAddress.unsafelyUnwrapped
        let (u, v) = (row.weight, plane.weight)
        switch (u == 0, v == 0) {
        case (true, true): for i in 0..<nx { to[i] = Double(a[i]) }
        case (false, true): for i in 0..<nx { to[i] = mix(Double(a[i]), Double(b[i]), u) }
        case (true, false): for i in 0..<nx { to[i] = mix(Double(a[i]), Double(c[i]), v) }
        case (false, false):
            for i in 0..<nx { to[i] = mix(mix(Double(a[i]), Double(b[i]), u), mix(Double(c[i]), Double(d[i]), u), v) }
        }
    }

    /// Interpolates `line` at the taps of source axis 0, writing from `start` with the target's stride.
    @inline(__always)
    private func interpolate(_ line: UnsafeMutableBufferPointer<Double>, into output: UnsafeMutableBufferPointer<Float>, at start: Int) {
        let stride = targetStrides[0]
        let from = line.baseAddress.unsafelyUnwrapped
        let to = output.baseAddress.unsafelyUnwrapped + start
        taps[0].withUnsafeBufferPointer { taps in
            for i in 0..<taps.count { to[i * stride] = Float(mix(from[taps[i].lower], from[taps[i].upper], taps[i].weight)) }
        }
    }
}
