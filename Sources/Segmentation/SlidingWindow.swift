import MedicalImaging

/// Predicts a volume window by window and writes its labels at the original grid, layer by layer.
package struct SlidingWindow {
    package let predictor: any WindowPredictor
    package let plan: WindowPlan
    package let blending: Blending
    package let batchSize: Int
    /// The mirror images of each window to predict; their logits are averaged.
    package let flips: [WindowFlip]
    /// The intensity that windows must exceed somewhere to be predicted at all, or `nil` to predict them all.
    package let background: Float?

    package init(
        predictor: any WindowPredictor, plan: WindowPlan, blending: Blending, batchSize: Int = 1, flips: [WindowFlip] = [.none],
        background: Float? = nil
    ) {
        self.predictor = predictor
        self.plan = plan
        self.blending = blending
        self.batchSize = batchSize
        self.flips = flips
        self.background = background
    }

    /// What a run has done so far.
    package struct Progress: Sendable {
        package var run = 0
        package var skipped = 0
        package var seconds: [SegmentationStage: Double] = [:]

        /// Adds the time that `work` takes to `stage`.
        mutating func measure<Value>(_ stage: SegmentationStage, _ work: () throws -> Value) rethrows -> Value {
            let clock = ContinuousClock()
            let start = clock.now
            defer { seconds[stage, default: 0] += (clock.now - start) / .seconds(1) }
            return try work()
        }
    }

    /// One window to predict.
    private struct Job {
        var origin: SIMD3<Int>
        var flip: WindowFlip
    }

    /// Segments `volume`, with logits in work stored in single or half precision.
    /// - Returns: `export.shape` labels, the first axis fastest, and what was done.
    package func labels(
        of volume: Volume<Float>, export: LabelExport, usesHalfPrecision: Bool = false, onProgress: (Progress) throws -> Void = { _ in }
    ) throws -> (labels: [UInt8], progress: Progress) {
        let found = try labels(of: volume, exports: [export], usesHalfPrecision: usesHalfPrecision, onProgress: onProgress)
        return (found.labels[0], found.progress)
    }

    /// Segments `volume` once for several grids.
    /// - Returns: for each export its labels, and what was done.
    package func labels(
        of volume: Volume<Float>, exports: [LabelExport], usesHalfPrecision: Bool = false, onProgress: (Progress) throws -> Void = { _ in }
    ) throws -> (labels: [[UInt8]], progress: Progress) {
        // The concrete types here let the compiler specialise everything below.
        let shape = plan.shape
        return usesHalfPrecision
            ? try labels(
                of: volume, exports: exports, onProgress: onProgress,
                slab: LogitSlab<HalfLogit>(shape: shape, channelCount: predictor.channelCount, windowDepth: plan.window.z))
            : try labels(
                of: volume, exports: exports, onProgress: onProgress,
                slab: LogitSlab<Float>(shape: shape, channelCount: predictor.channelCount, windowDepth: plan.window.z))
    }

    private func labels<Element: StoredLogit>(
        of volume: Volume<Float>, exports: [LabelExport], onProgress: (Progress) throws -> Void, slab: LogitSlab<Element>
    ) throws -> (labels: [[UInt8]], progress: Progress) {
        var labels = exports.map { [UInt8](repeating: 0, count: $0.shape.x * $0.shape.y * $0.shape.z) }
        let reader = WindowReader(volume: volume, window: plan.window)
        let weights = blending.weights(for: plan.window)
        var progress = Progress()
        var windows: [Float] = []
        for (layer, origins) in plan.layers.enumerated() {
            var jobs: [Job] = []
            for origin in origins {
                if let background, reader.isBackground(at: origin, threshold: background) {
                    progress.skipped += flips.count
                } else {
                    jobs += flips.map { Job(origin: origin, flip: $0) }
                }
            }
            for start in stride(from: 0, to: jobs.count, by: batchSize) {
                let batch = jobs[start..<min(start + batchSize, jobs.count)]
                try predict(batch, reader: reader, weights: weights, slab: slab, windows: &windows, progress: &progress)
                try onProgress(progress)
            }
            progress.measure(.export) {
                withPointers(to: &labels) { labels in
                    slab.settle(upTo: plan.finalPlanes(afterLayer: layer), withProbabilities: exports.contains(where: \.readsMixtures)) { brick in
                        for (export, labels) in zip(exports, labels) { export.write(brick, to: labels) }
                    }
                }
            }
            try onProgress(progress)
        }
        return (labels, progress)
    }

    /// Hands out the memory of all arrays at once.
    private func withPointers(
        to arrays: inout [[UInt8]], from index: Int = 0, _ known: [UnsafeMutablePointer<UInt8>] = [],
        _ body: ([UnsafeMutablePointer<UInt8>]) -> Void
    ) {
        guard index < arrays.count else { return body(known) }
        var array: [UInt8] = []
        swap(&array, &arrays[index])
        array.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { withPointers(to: &arrays, from: index + 1, known + [base], body) }
        }
        swap(&array, &arrays[index])
    }

    /// Predicts one batch and adds its logits to the slab; `windows` is reused from batch to batch.
    private func predict<Element>(
        _ jobs: ArraySlice<Job>, reader: WindowReader, weights: [Float], slab: LogitSlab<Element>, windows: inout [Float],
        progress: inout Progress
    ) throws {
        progress.measure(.blend) {
            if windows.count != jobs.count * reader.count { windows = [Float](repeating: 0, count: jobs.count * reader.count) }
            windows.withUnsafeMutableBufferPointer { buffer in
                for (index, job) in jobs.enumerated() {
                    reader.read(at: job.origin, flip: job.flip, to: buffer.baseAddress! + index * reader.count)
                }
            }
        }
        let windowLogits = predictor.channelCount * reader.count
        let clock = ContinuousClock()
        let start = clock.now
        let blending = try predictor.withLogits(of: windows, count: jobs.count) { logits in
            let start = clock.now
            guard logits.count == jobs.count * windowLogits, let base = logits.baseAddress else {
                throw SegmentationError.predictionShape(expected: jobs.count * windowLogits, found: logits.count)
            }
            for (index, job) in jobs.enumerated() {
                let isFinite = slab.add(
                    base + index * windowLogits, weights: weights, origin: job.origin, window: plan.window, flip: job.flip)
                guard isFinite else { throw SegmentationError.nonFiniteLogits(origin: job.origin) }
            }
            return clock.now - start
        }
        progress.seconds[.network, default: 0] += (clock.now - start - blending) / .seconds(1)
        progress.seconds[.blend, default: 0] += blending / .seconds(1)
        progress.run += jobs.count
    }
}
