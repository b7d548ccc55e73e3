import Foundation

/// Everything that is known of a training run: what a report shows.
public struct RunRecord: Sendable {
    /// The heading, usually the name of the run's folder.
    public var title: String
    /// What kind of run it is, as it stands beside the brand: `training report`.
    public var kind: String
    /// Short facts shown beside the heading: network, data, device.
    public var facts: [ReportFact]
    /// The resolved configuration as a JSON object; empty when there is none.
    public var configuration: Data
    /// Hashes, versions, command, machine.
    public var provenance: [ReportFact]
    /// Cases in pictures, those to look at first in front.
    public var pictures: [RunPicture] = []

    /// All events so far, those of earlier starts included.
    public private(set) var entries: [RunEntry] = []

    public init(
        title: String, kind: String = "training report", facts: [ReportFact] = [], configuration: Data = Data(), provenance: [ReportFact] = []
    ) {
        self.title = title
        self.kind = kind
        self.facts = facts
        self.configuration = configuration
        self.provenance = provenance
    }

    /// Adds what happened. A start after step *n* takes back all that was reported of later steps: they will be taken again.
    public mutating func append(_ entry: RunEntry) {
        if case .started(let first, _) = entry.event { entries.removeAll { $0.event.step > first } }
        entries.append(entry)
    }

    /// The steps of the whole run, as the last start said.
    var steps: Int? { entries.lazy.reversed().compactMap { if case .started(_, let steps) = $0.event { steps } else { nil } }.first }

    /// The last step that was reported.
    var lastStep: Int { entries.map(\.event.step).max() ?? 0 }

    /// The validations in order.
    var validations: [RunValidation] { entries.compactMap { if case .validated(let validation) = $0.event { validation } else { nil } } }

    /// The validation with the greatest organ mean, the first of equals (MONAI selects by "strictly greater").
    var bestValidation: RunValidation? {
        validations.reduce(nil) { best, next in
            guard let score = next.organMean else { return best }
            return score > (best?.organMean ?? -1) ? next : best
        }
    }

    /// Warnings, each said once, with the first and last step that it was given for and how often.
    var warnings: [String] {
        var order: [String] = []
        var steps: [String: [Int]] = [:]
        for case .warned(let step, let text) in entries.map(\.event) {
            if steps[text] == nil { order.append(text) }
            steps[text, default: []].append(step)
        }
        return order.map { text in
            let found = steps[text] ?? []
            let place = found.count == 1 ? "at step \(found[0])" : "\(found.count) times, steps \(found.min() ?? 0) to \(found.max() ?? 0)"
            return "\(text) (\(place))"
        }
    }

    /// The measured points of each figure, in the order of the steps.
    var series: [String: [RunPoint]] {
        var series: [String: [RunPoint]] = [:]
        for case .measured(let step, let figures) in entries.map(\.event) {
            for (name, value) in figures { series[name, default: []].append(RunPoint(step: step, value: value)) }
        }
        return series
    }

    /// The time that passed between starts and the last event after each, in seconds: pauses between starts do not count.
    var seconds: Double {
        var total = 0.0
        var start: Date?
        var last: Date?
        for entry in entries {
            if case .started = entry.event {
                if let start, let last { total += last.timeIntervalSince(start) }
                start = entry.time
            }
            last = entry.time
        }
        if let start, let last { total += last.timeIntervalSince(start) }
        return total
    }
}

/// One figure at one step.
public struct RunPoint: Sendable, Equatable {
    public var step: Int
    public var value: Double

    public init(step: Int, value: Double) {
        self.step = step
        self.value = value
    }
}
