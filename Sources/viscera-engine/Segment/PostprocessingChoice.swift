import MedicalImaging
import Weights

/// What is done to the labels that a network found, and on whose word.
struct PostprocessingChoice: Sendable {
    /// Who decides.
    enum Source: String, Sendable, Encodable {
        /// The model's file.
        case model
        /// The command line: every organ.
        case commandLine
        /// Nobody: the labels stay as the network leaves them.
        case none
    }

    let source: Source
    let postprocessing: Postprocessing
    private let labelNames: [UInt8: String]

    /// The options' word where they say something, else the model's.
    init(_ options: PredictionOptions, stated: Postprocessing?, labelNames: [UInt8: String]) {
        self.labelNames = labelNames
        if options.largestComponent {
            (source, postprocessing) = (.commandLine, Postprocessing(largestComponents: labelNames.sorted { $0.key < $1.key }.map(\.value)))
        } else if let stated, !options.noPostprocessing {
            (source, postprocessing) = (.model, stated)
        } else {
            (source, postprocessing) = (.none, Postprocessing(largestComponents: []))
        }
    }

    /// Whether labels stay as they are whatever they hold.
    var isEmpty: Bool { postprocessing.largestComponents.isEmpty }

    /// The labels afterwards, and what was done.
    func applied(to labels: LabelMap) -> (labels: LabelMap, summary: PostprocessingSummary) {
        let found = postprocessing.applied(to: labels, labelNames: labelNames)
        let removed = found.removedVoxels.sorted { $0.key < $1.key }.map {
            PostprocessingSummary.Removal(name: labelNames[$0] ?? "label \($0)", voxels: $1)
        }
        return (found.labels, PostprocessingSummary(source: source, largestComponents: postprocessing.largestComponents, removed: removed))
    }
}

/// What was done to the labels of one case.
struct PostprocessingSummary: Sendable, Encodable {
    /// What was taken away from one organ.
    struct Removal: Sendable, Encodable {
        var name: String
        var voxels: Int
    }

    var source: PostprocessingChoice.Source
    /// The organs of which only the largest component was kept.
    var largestComponents: [String]
    /// The organs that lost voxels, in label order.
    var removed: [Removal]

    private var total: Int { removed.reduce(0) { $0 + $1.voxels } }

    /// In a few words: `largest component of 7 organs, 40 voxels removed`.
    var brief: String {
        guard !largestComponents.isEmpty else { return "none" }
        return "largest component of \(largestComponents.count) organ\(largestComponents.count == 1 ? "" : "s"), \(total) voxels removed"
    }

    /// What was kept, on whose word, and what that took away.
    var text: String {
        let removal = removed.map { "\($0.name) \($0.voxels)" }.joined(separator: ", ")
        let loss = removed.isEmpty ? "removed nothing" : "removed \(total) voxels: \(removal)"
        return switch source {
        case .none: "none"
        case .model where largestComponents.isEmpty: "none, as the model states"
        case .model: "largest component of \(largestComponents.joined(separator: ", ")), as the model states; \(loss)"
        case .commandLine: "largest component of every organ, as the command line says; \(loss)"
        }
    }
}
