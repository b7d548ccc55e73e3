import MedicalImaging

/// Exact Euclidean distances on a grid (Felzenszwalb and Huttenlocher 2012), separable over the axes.
enum DistanceTransform {
    /// The distance in mm of each voxel to the nearest voxel where `isSource` holds; `limit` where that is farther than `limit`.
    /// Storage i fastest.
    static func distance(shape: SIMD3<Int>, spacing: SIMD3<Double>, limit: Float, isSource: (Int) -> Bool) -> [Float] {
        let count = shape.x * shape.y * shape.z
        let ceiling = limit * limit
        var squared = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer[index] = isSource(index) ? 0 : ceiling }
            initialized = count
        }
        let strides = SIMD3(1, shape.x, shape.x * shape.y)
        squared.withUnsafeMutableBufferPointer { buffer in
            var scratch = Scratch(length: max(shape.x, shape.y, shape.z))
            for axis in 0..<3 where shape[axis] > 1 {
                let (b, c) = ((axis + 1) % 3, (axis + 2) % 3)
                for y in 0..<shape[b] {
                    for z in 0..<shape[c] {
                        let line = buffer.baseAddress! + y * strides[b] + z * strides[c]
                        scratch.transform(line, count: shape[axis], stride: strides[axis], spacing: Float(spacing[axis]))
                    }
                }
            }
            for index in 0..<count { buffer[index] = min(ceiling, buffer[index]).squareRoot() }
        }
        return squared
    }

    private struct Scratch {
        var values: [Float]
        var roots: [Int]
        var bounds: [Float]

        init(length: Int) {
            values = [Float](repeating: 0, count: length)
            roots = [Int](repeating: 0, count: length)
            bounds = [Float](repeating: 0, count: length + 1)
        }

        /// The lower envelope of the parabolas rooted at each voxel of one line.
        mutating func transform(_ line: UnsafeMutablePointer<Float>, count: Int, stride: Int, spacing h: Float) {
            var isConstant = true
            for q in 0..<count {
                values[q] = line[q * stride]
                if values[q] != values[0] { isConstant = false }
            }
            if isConstant { return }
            var top = 0
            roots[0] = 0
            bounds[0] = -.infinity
            bounds[1] = .infinity
            for q in 1..<count {
                var crossing = intersection(q, roots[top], h)
                while crossing <= bounds[top] {
                    top -= 1
                    crossing = intersection(q, roots[top], h)
                }
                top += 1
                roots[top] = q
                bounds[top] = crossing
                bounds[top + 1] = .infinity
            }
            var envelope = 0
            for q in 0..<count {
                while bounds[envelope + 1] < Float(q) { envelope += 1 }
                let offset = Float(q - roots[envelope]) * h
                line[q * stride] = offset * offset + values[roots[envelope]]
            }
        }

        private func intersection(_ q: Int, _ r: Int, _ h: Float) -> Float {
            let (a, b) = (Float(q), Float(r))
            return ((values[q] - values[r]) / (h * h) + a * a - b * b) / (2 * (a - b))
        }
    }
}
