/// Reads labels between the voxels of a slab: the class whose trilinearly interpolated probability is greatest.
struct MixtureLabels<Element: StoredLogit> {
    let values: UnsafePointer<Element>
    let labels: UnsafePointer<UInt8>
    let cells: UnsafePointer<UInt8>
    let stride: Int
    let mixed: UInt8

    init(_ slab: LogitSlab<Element>) {
        values = UnsafePointer(slab.values)
        labels = UnsafePointer(slab.labels)
        cells = UnsafePointer(slab.cells)
        stride = slab.stride
        mixed = LogitSlab<Element>.mixed
    }

    /// The label at the point that the three samples (positions in voxels of the slab, to be added) describe.
    ///
    /// Where the eight corners agree, or the point is a voxel, no probability is read.
    @inline(__always) func label(_ a: LinearSample, _ b: LinearSample, _ c: LinearSample) -> UInt8 {
        let corner = Int(a.lower &+ b.lower &+ c.lower)
        let cell = cells[corner]
        if cell != mixed { return cell }
        if a.upperWeight == 0, b.upperWeight == 0, c.upperWeight == 0 { return labels[corner] }
        return mixture(a, b, c)
    }

    /// The naive rule: mix the probabilities of the eight corners, take the greatest, the lowest class among equals.
    @inline(never) private func mixture(_ a: LinearSample, _ b: LinearSample, _ c: LinearSample) -> UInt8 {
        let (positionLL, positionLU) = (a.lower &+ b.lower, a.lower &+ b.upper)
        let (positionUL, positionUU) = (a.upper &+ b.lower, a.upper &+ b.upper)
        let (p0, p1) = (values + Int(positionLL &+ c.lower) &* stride, values + Int(positionLL &+ c.upper) &* stride)
        let (p2, p3) = (values + Int(positionLU &+ c.lower) &* stride, values + Int(positionLU &+ c.upper) &* stride)
        let (p4, p5) = (values + Int(positionUL &+ c.lower) &* stride, values + Int(positionUL &+ c.upper) &* stride)
        let (p6, p7) = (values + Int(positionUU &+ c.lower) &* stride, values + Int(positionUU &+ c.upper) &* stride)
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
            let pairs01 = Element.load(p0 + first) * w0 + Element.load(p1 + first) * w1
            let pairs23 = Element.load(p2 + first) * w2 + Element.load(p3 + first) * w3
            let pairs45 = Element.load(p4 + first) * w4 + Element.load(p5 + first) * w5
            let pairs67 = Element.load(p6 + first) * w6 + Element.load(p7 + first) * w7
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
