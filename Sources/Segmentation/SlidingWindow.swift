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
                try predict(jobs[start..<min(start + batchSize, jobs.count)], reader: reader, weights: weights, slab: slab, progress: &progress)
                try onProgress(progress)
            }
            progress.measure(.export) {
                let fresh = slab.settle(upTo: plan.finalPlanes(afterLayer: layer))
                for index in exports.indices { exports[index].write(fresh, of: slab, to: &labels[index]) }
                slab.release(max(0, fresh.lowerBound - 1)..<max(0, fresh.upperBound - 1))
            }
            try onProgress(progress)
        }
        return (labels, progress)
    }

    /// Predicts one batch and adds its logits to the slab.
    private func predict<Element>(
        _ jobs: ArraySlice<Job>, reader: WindowReader, weights: [Float], slab: LogitSlab<Element>, progress: inout Progress
    ) throws {
        let windows = progress.measure(.blend) {
            [Float](unsafeUninitializedCapacity: jobs.count * reader.count) { buffer, count in
                for (index, job) in jobs.enumerated() {
                    let target = buffer.baseAddress! + index * reader.count
                    target.initialize(repeating: 0, count: reader.count)
                    reader.read(at: job.origin, flip: job.flip, to: target)
                }
                count = jobs.count * reader.count
            }
        }
        let logits = try progress.measure(.network) { try predictor.predict(windows, count: jobs.count) }
        let windowLogits = predictor.channelCount * reader.count
        guard logits.count == jobs.count * windowLogits else {
            throw SegmentationError.predictionShape(expected: jobs.count * windowLogits, found: logits.count)
        }
        try progress.measure(.blend) {
            try logits.withUnsafeBufferPointer { logits in
                for (index, job) in jobs.enumerated() {
                    let isFinite = slab.add(
                        logits.baseAddress! + index * windowLogits, weights: weights, origin: job.origin, window: plan.window, flip: job.flip)
                    guard isFinite else { throw SegmentationError.nonFiniteLogits(origin: job.origin) }
                }
            }
        }
        progress.run += jobs.count
    }
}
