/// The samples of the original voxels along one axis of a separable map.
struct AxisSamples: Sendable {
    /// For each original index its sample, in processed voxels.
    let samples: [LinearSample]
    /// For each cell of the processed axis the original indices that lie in it; consecutive, since coordinates rise or fall throughout.
    private let indices: [Range<Int>]

    /// - Parameters:
    ///   - inside: the processed voxels that count.
    ///   - cellCount: the number of processed voxels.
    init(_ coordinates: [Double], inside: Range<Int>, cellCount: Int) {
        let samples = coordinates.map { LinearSample($0, inside: inside) }
        var indices = [Range<Int>](repeating: 0..<0, count: cellCount)
        for (index, sample) in samples.enumerated() where !sample.isOutside {
            let known = indices[Int(sample.lower)]
            indices[Int(sample.lower)] = (known.isEmpty ? index : known.lowerBound)..<index + 1
        }
        self.samples = samples
        self.indices = indices
    }

    /// The samples in some cells, in positions of a brick.
    struct Part {
        /// The first original index.
        var start = 0
        var samples: [LinearSample] = []
    }

    /// The original voxels in the cells of a brick along the processed axis `axis`.
    func positions<Element>(in brick: LogitBrick<Element>, along axis: Int) -> Part {
        let cells = indices[brick.lower[axis]..<brick.upper[axis]].filter { !$0.isEmpty }
        guard let start = cells.map(\.lowerBound).min(), let end = cells.map(\.upperBound).max() else { return Part() }
        let local = samples[start..<end].map { sample in
            LinearSample(
                lower: brick.position(sample.lower, axis: axis), upper: brick.position(sample.upper, axis: axis),
                lowerWeight: sample.lowerWeight, upperWeight: sample.upperWeight)
        }
        return Part(start: start, samples: local)
    }
}
