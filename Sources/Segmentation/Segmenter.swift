import MedicalImaging
import Preprocessing

/// Segments volumes: preprocessing, sliding-window prediction, and labels on exactly the input's grid.
///
/// The order of operations is that of MONAI's inference pipelines: logits are averaged over windows (and flips), turned into
/// probabilities, interpolated back to the original grid, and there the greatest class wins. Memory holds the logits of one window's
/// depth of planes, never those of the whole volume.
public struct Segmenter {
    public let predictor: any WindowPredictor
    public let recipe: PreprocessingRecipe
    public let options: SegmentationOptions

    /// - Throws: `SegmentationError.invalidOption`, `.unsupportedChannelCount`.
    public init(predictor: any WindowPredictor, recipe: PreprocessingRecipe, options: SegmentationOptions = SegmentationOptions()) throws {
        try options.validate(channelCount: predictor.channelCount)
        self.predictor = predictor
        self.recipe = recipe
        self.options = options
    }

    /// Segments one volume (intensities as read, in HU for CT).
    ///
    /// The volume is given up after preprocessing unless the options keep it; hand over the only reference to save its memory.
    /// - Throws: `SegmentationError`, what the recipe throws, and what the predictor throws.
    public func segment(
        _ volume: consuming Volume<Float>, onEvent: (SegmentationEvent) -> Void = { _ in }
    ) throws -> SegmentationResult {
        try segment(PreparedVolume(volume, recipe: recipe, keepsInput: options.keepsInput), onEvent: onEvent)
    }

    /// The memory that the network's work on a volume will take.
    /// - Throws: `SegmentationError.memoryBudget` when it cannot be kept in the options' limit.
    package func plan(_ prepared: PreparedVolume) throws -> MemoryPlan {
        try memoryPlan(windowPlan(prepared), inputVoxels: prepared.grid.count)
    }

    /// Segments a volume that was preprocessed by this recipe, perhaps on another thread.
    package func segment(
        _ prepared: consuming PreparedVolume, onEvent: (SegmentationEvent) -> Void = { _ in }
    ) throws -> SegmentationResult {
        let (grid, processed, kept, seconds) = (prepared.grid, prepared.processed, prepared.input, prepared.seconds)
        onEvent(.preprocessed(grid: processed.volume.grid, seconds: seconds))

        let windows = try windowPlan(prepared)
        _ = consume prepared
        let memory = try memoryPlan(windows, inputVoxels: grid.count)
        onEvent(.planned(windows: windows, memory: memory))
        let run = SlidingWindow(
            predictor: predictor, plan: windows, blending: options.blending, batchSize: memory.batchSize,
            flips: try WindowFlip.combinations(options, grid: processed.volume.grid, channelCount: predictor.channelCount),
            background: options.skipsBackgroundWindows && recipe.intensity != nil ? 0 : nil)
        let (labels, progress) = try predict(processed, run: run, usesHalfPrecision: memory.usesHalfPrecision, onEvent: onEvent)
        return SegmentationResult(
            labels: LabelMap(grid: grid, voxels: labels), input: kept,
            seconds: progress.seconds.merging([.preprocess: seconds]) { $1 }, windowsRun: progress.run, windowsSkipped: progress.skipped,
            plan: memory)
    }

    private func windowPlan(_ prepared: borrowing PreparedVolume) throws(SegmentationError) -> WindowPlan {
        try WindowPlan(shape: prepared.processed.volume.grid.shape, window: predictor.windowShape, overlap: options.overlap)
    }

    private func memoryPlan(_ windows: WindowPlan, inputVoxels: Int) throws(SegmentationError) -> MemoryPlan {
        let demand = MemoryPlan.Demand(
            inputVoxels: inputVoxels, processedShape: windows.shape, window: windows.window, channelCount: predictor.channelCount,
            keepsInput: options.keepsInput, predictorBytes: { [predictor] in predictor.activationBytes(batch: $0) })
        return try MemoryPlan.plan(demand, batchSize: options.batchSize, budget: options.maximumMemory)
    }

    private func predict(
        _ processed: PreprocessedVolume, run: SlidingWindow, usesHalfPrecision: Bool, onEvent: (SegmentationEvent) -> Void
    ) throws -> (labels: [UInt8], progress: SlidingWindow.Progress) {
        let inverse = processed.inverse
        let export = LabelExport(
            map: SamplingMap(inverse), shape: inverse.originalGrid.shape, processedShape: inverse.processedGrid.shape,
            foreground: inverse.foregroundBox, classes: options.classes)
        let total = run.plan.count * run.flips.count
        let report = { (progress: SlidingWindow.Progress) in
            onEvent(.windows(done: progress.run + progress.skipped, skipped: progress.skipped, total: total))
        }
        return try run.labels(of: processed.volume, export: export, usesHalfPrecision: usesHalfPrecision, onProgress: report)
    }
}

extension SamplingMap {
    /// The inverse of a recipe.
    package init(_ inverse: InverseMap) {
        if let general = inverse.general {
            let box = inverse.resampledBox
            self = .general(general, lower: SIMD3<Double>(box.lower), upper: SIMD3<Double>(box.upper &- 1))
        } else {
            self = .separable(axes: inverse.axes, coordinates: inverse.coordinates)
        }
    }
}
