/// Reads labels between the corners of a brick: the class whose trilinearly interpolated probability is greatest.
struct MixtureLabels {
    private let probabilities: UnsafePointer<Float>
    private let labels: UnsafePointer<UInt8>
    private let cells: UnsafePointer<UInt8>
    private let stride: Int
    /// The label of all corners, if they have one.
    let commonLabel: UInt8?

    private static var mixed: UInt8 { LogitBrick<Float>.mixed }

    init<Element>(_ brick: LogitBrick<Element>) {
        probabilities = UnsafePointer(brick.probabilities)
        labels = UnsafePointer(brick.labels)
        cells = UnsafePointer(brick.cells)
        stride = brick.stride
        commonLabel = brick.commonLabel
    }

    /// The label at the point that the three samples (positions in the brick, to be added) describe, in a brick of several labels.
    ///
    /// Where the eight corners agree, or the point is a voxel, no probability is read.
    @inline(__always) func label(_ a: LinearSample, _ b: LinearSample, _ c: LinearSample) -> UInt8 {
        let corner = Int(a.lower &+ b.lower &+ c.lower)
        let cell = cells[corner]
        if cell != Self.mixed { return cell }
        if a.upperWeight == 0, b.upperWeight == 0, c.upperWeight == 0 { return labels[corner] }
        return mixture(a, b, c)
    }

    /// The naive rule: mix the probabilities of the eight corners, take the greatest, the lowest class among equals.
    @inline(never) private func mixture(_ a: LinearSample, _ b: LinearSample, _ c: LinearSample) -> UInt8 {
        let (positionLL, positionLU) = (a.lower &+ b.lower, a.lower &+ b.upper)
        let (positionUL, positionUU) = (a.upper &+ b.lower, a.upper &+ b.upper)
        let (p0, p1) = (probabilities + Int(positionLL &+ c.lower) &* stride, probabilities + Int(positionLL &+ c.upper) &* stride)
        let (p2, p3) = (probabilities + Int(positionLU &+ c.lower) &* stride, probabilities + Int(positionLU &+ c.upper) &* stride)
        let (p4, p5) = (probabilities + Int(positionUL &+ c.lower) &* stride, probabilities + Int(positionUL &+ c.upper) &* stride)
        let (p6, p7) = (probabilities + Int(positionUU &+ c.lower) &* stride, probabilities + Int(positionUU &+ c.upper) &* stride)
        let (ll, lu) = (a.lowerWeight * b.lowerWeight, a.lowerWeight * b.upperWeight)
        let (ul, uu) = (a.upperWeight * b.lowerWeight, a.upperWeight * b.upperWeight)
        // As vectors, or the compiler takes the products apart.
        let (w0, w1) = (SIMD4(repeating: ll * c.lowerWeight), SIMD4(repeating: ll * c.upperWeight))
        let (w2, w3) = (SIMD4(repeating: lu * c.lowerWeight), SIMD4(repeating: lu * c.upperWeight))
        let (w4, w5) = (SIMD4(repeating: ul * c.lowerWeight), SIMD4(repeating: ul * c.upperWeight))
        let (w6, w7) = (SIMD4(repeating: uu * c.lowerWeight), SIMD4(repeating: uu * c.upperWeight))
        var best = SIMD4<Float>(repeating: -1)
        var bestFirst = SIMD4<Int32>.zero
        var first = 0
        while first < stride {
            let pairs01 = Float.load(p0 + first) * w0 + Float.load(p1 + first) * w1
            let pairs23 = Float.load(p2 + first) * w2 + Float.load(p3 + first) * w3
            let pairs45 = Float.load(p4 + first) * w4 + Float.load(p5 + first) * w5
            let pairs67 = Float.load(p6 + first) * w6 + Float.load(p7 + first) * w7
            let value = (pairs01 + pairs23) + (pairs45 + pairs67)
            let better = value .> best
            best.replace(with: value, where: better)
            bestFirst.replace(with: SIMD4(repeating: Int32(truncatingIfNeeded: first)), where: better)
            first &+= 4
        }
        return Self.lowestGreatest(best, first: bestFirst)
    }

    /// The class of the greatest of four lanes, where lane l stands for class first[l] + l; the lowest class among equals.
    @inline(__always) private static func lowestGreatest(_ values: SIMD4<Float>, first: SIMD4<Int32>) -> UInt8 {
        let classes = first &+ SIMD4(0, 1, 2, 3)
        let greatest = max(max(values[0], values[1]), max(values[2], values[3]))
        let candidates = classes.replacing(with: Int32.max, where: values .< greatest)
        return UInt8(truncatingIfNeeded: min(min(candidates[0], candidates[1]), min(candidates[2], candidates[3])))
    }
}
