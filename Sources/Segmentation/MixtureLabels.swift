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
        let (ll, lu) = (a.lower &+ b.lower, a.lower &+ b.upper)
        let (ul, uu) = (a.upper &+ b.lower, a.upper &+ b.upper)
        let (p0, p1) = (values + Int(ll &+ c.lower) &* stride, values + Int(ll &+ c.upper) &* stride)
        let (p2, p3) = (values + Int(lu &+ c.lower) &* stride, values + Int(lu &+ c.upper) &* stride)
        let (p4, p5) = (values + Int(ul &+ c.lower) &* stride, values + Int(ul &+ c.upper) &* stride)
        let (p6, p7) = (values + Int(uu &+ c.lower) &* stride, values + Int(uu &+ c.upper) &* stride)
        let (wll, wlu) = (a.lowerWeight * b.lowerWeight, a.lowerWeight * b.upperWeight)
        let (wul, wuu) = (a.upperWeight * b.lowerWeight, a.upperWeight * b.upperWeight)
        var best = SIMD4<Float>(repeating: -1)
        var bestFirst = SIMD4<Int32>.zero
        var first = 0
        while first < stride {
            let lower =
                Element.load(p0 + first) * wll + Element.load(p2 + first) * wlu + Element.load(p4 + first) * wul + Element.load(p6 + first) * wuu
            let upper =
                Element.load(p1 + first) * wll + Element.load(p3 + first) * wlu + Element.load(p5 + first) * wul + Element.load(p7 + first) * wuu
            let value = lower * c.lowerWeight + upper * c.upperWeight
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
        let greatest = values.max()
        return UInt8(truncatingIfNeeded: classes.replacing(with: Int32.max, where: values .< greatest).min())
    }
}
