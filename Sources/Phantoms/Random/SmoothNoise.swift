/// Smooth random fields: a lattice of Gaussian draws, interpolated by cubic B-splines.
enum SmoothNoise {
    /// The reciprocal of the standard deviation that one axis of B-spline smoothing leaves, averaged over the phase.
    private static let gain: Float = 1.444

    /// A field of about unit variance.
    /// - Parameters:
    ///   - shape: voxels along i, j, k (i fastest in the result).
    ///   - step: lattice spacing in voxels along each axis, at least 1; features are about twice as large.
    static func field(shape: SIMD3<Int>, step: SIMD3<Double>, random: inout RandomStream) -> [Float] {
        let step = step.clamped(lowerBound: SIMD3(repeating: 1), upperBound: SIMD3(repeating: 1e6))
        let axes = (0..<3).map { Axis(count: shape[$0], step: step[$0], phase: random.unit()) }
        let lattice = SIMD3(axes[0].lattice, axes[1].lattice, axes[2].lattice)
        var values = [Float](repeating: 0, count: lattice.x * lattice.y * lattice.z)
        for i in values.indices { values[i] = random.quickNormal() * (gain * gain * gain) }
        // Each pass expands one axis; the buffer is [outer, axis, inner].
        values = expand(values, inner: 1, outer: lattice.y * lattice.z, along: axes[0])
        values = expand(values, inner: shape.x, outer: lattice.z, along: axes[1])
        return expand(values, inner: shape.x * shape.y, outer: 1, along: axes[2])
    }

    private struct Axis {
        let lattice: Int
        let start: [Int]
        let weights: [SIMD4<Float>]

        init(count: Int, step: Double, phase: Double) {
            lattice = Int((Double(count) / step).rounded(.up)) + 5
            var start = [Int]()
            var weights = [SIMD4<Float>]()
            for i in 0..<count {
                let x = Double(i) / step + phase
                let base = Int(x.rounded(.down))
                let t = Float(x - Double(base))
                let u = 1 - t
                start.append(base)
                weights.append(SIMD4(u * u * u, 3 * t * t * t - 6 * t * t + 4, 3 * u * u * u - 6 * u * u + 4, t * t * t) / 6)
            }
            self.start = start
            self.weights = weights
        }
    }

    private static func expand(_ source: [Float], inner: Int, outer: Int, along axis: Axis) -> [Float] {
        let count = axis.start.count
        return [Float](unsafeUninitializedCapacity: outer * count * inner) { target, initialized in
            source.withUnsafeBufferPointer { source in
                for o in 0..<outer {
                    for n in 0..<count {
                        let w = axis.weights[n]
                        let from = source.baseAddress! + (o * axis.lattice + axis.start[n]) * inner
                        let to = target.baseAddress! + (o * count + n) * inner
                        let (a, b, c, d) = (from, from + inner, from + 2 * inner, from + 3 * inner)
                        for i in 0..<inner { to[i] = w.x * a[i] + w.y * b[i] + w.z * c[i] + w.w * d[i] }
                    }
                }
            }
            initialized = outer * count * inner
        }
    }
}
