import Evaluation
import MedicalImaging
import Segmentation

/// Segments labelled cases and scores them, on the grid that the network sees, on the file's own, or on both from one pass of the network.
///
/// The order of operations is that of `Segmenter`. Scores are Dice per organ; organs that a case's labels lack are left out of its mean.
public struct Validator {
    public let options: ValidationOptions
    private let predictor: any WindowPredictor
    /// The names of the labels, background left out.
    private let labelNames: [UInt8: String]
    /// The labels of which only the largest component counts on the file's own grid.
    private let largestComponents: Set<UInt8>

    /// - Parameter largestComponents: the labels of which `evaluate` keeps only the largest component on the file's own grid; the grid that the
    ///   network sees is scored as the network leaves it. Trainings give none: what is chosen for finished weights must not choose among them.
    public init(
        predictor: any WindowPredictor, labelNames: [UInt8: String], options: ValidationOptions, largestComponents: Set<UInt8> = []
    ) {
        self.largestComponents = largestComponents
        self.predictor = predictor
        self.labelNames = labelNames
        self.options = options
    }

    /// What was found in a case.
    struct Finding {
        /// The scores, per space in the order of the options.
        var evaluations: [CaseEvaluation]
        /// The label map on the grid that the network sees.
        var processed: LabelMap
    }

    /// The scores of one case, per space in the order of the options.
    /// - Parameter onWindow: called with the windows done and their number.
    public func evaluate(_ subject: ValidationCase, onWindow: (Int, Int) throws -> Void = { _, _ in }) throws -> [CaseEvaluation] {
        try labels(of: subject, onWindow: onWindow).map { space, labels in
            let isTreated = space == .original && !largestComponents.isEmpty
            return try evaluation(of: subject, space, on: isTreated ? labels.keepingLargestComponents(of: largestComponents).labels : labels)
        }
    }

    /// The scores of one case and its label map.
    func examine(_ subject: ValidationCase) throws -> Finding {
        var spaces = options.spaces
        if !spaces.contains(.resampled) { spaces.append(.resampled) }
        let found = try labels(of: subject, on: spaces) { _, _ in }
        guard let processed = found.first(where: { $0.space == .resampled }) else { preconditionFailure("no label map on the network's grid") }
        let evaluations = try found.prefix(options.spaces.count).map { try evaluation(of: subject, $0.space, on: $0.labels) }
        return Finding(evaluations: evaluations, processed: processed.labels)
    }

    /// The scores of a label map of one case.
    func evaluation(of subject: ValidationCase, _ space: EvaluationSpace, on labels: LabelMap) throws -> CaseEvaluation {
        let reference = space == .original ? subject.originalLabels : subject.processedLabels
        let settings = EvaluationSettings(labels: labelNames.filter { subject.labelled.contains($0.key) }, measuresSurfaces: false)
        // The grid of the label file may differ from the image's in the last digits.
        let known = LabelMap(grid: labels.grid, voxels: reference.voxels)
        return try CaseEvaluation(name: subject.name, prediction: labels, reference: known, settings: settings)
    }

    /// The label maps of one case.
    /// - Parameter spaces: the grids; those of the options without it.
    func labels(
        of subject: ValidationCase, on spaces: [EvaluationSpace]? = nil, onWindow: (Int, Int) throws -> Void
    ) throws -> [(space: EvaluationSpace, labels: LabelMap)] {
        let spaces = spaces ?? options.spaces
        let volume = subject.processed.volume
        let plan = try WindowPlan(shape: volume.grid.shape, window: predictor.windowShape, overlap: options.overlap)
        let run = SlidingWindow(
            predictor: predictor, plan: plan, blending: options.blending, batchSize: options.windowBatch,
            background: options.skipsBackgroundWindows ? 0 : nil)
        let exports = spaces.map { export($0, of: subject) }
        let found = try run.labels(of: volume, exports: exports) { try onWindow($0.run + $0.skipped, plan.count) }
        return zip(spaces, found.labels).map { space, labels in
            (space, LabelMap(grid: space == .original ? subject.processed.inverse.originalGrid : volume.grid, voxels: labels))
        }
    }

    private func export(_ space: EvaluationSpace, of subject: ValidationCase) -> LabelExport {
        let inverse = subject.processed.inverse
        let shape = inverse.processedGrid.shape
        switch space {
        case .original:
            return LabelExport(
                map: SamplingMap(inverse), shape: inverse.originalGrid.shape, processedShape: shape, foreground: inverse.foregroundBox)
        case .resampled:
            let identity = (0..<3).map { axis in (0..<shape[axis]).map(Double.init) }
            return LabelExport(map: .separable(axes: SIMD3(0, 1, 2), coordinates: identity), shape: shape, processedShape: shape)
        }
    }

    /// Puts a case's memory to use: its slab, its label maps, and one batch of windows.
    func rehearse(_ subject: ValidationCase) throws {
        struct Enough: Error {}
        do { _ = try labels(of: subject) { _, _ in throw Enough() } } catch is Enough {}
    }
}
