import Foundation

/// One line of `metrics.jsonl`: a flat object whose keys never change their meaning.
///
/// `event` and `step` are always there, `time` in seconds since 1970. The rest depends on the event: `steps` (started), `figures` (step),
/// `validation` (validation), `text` (warning), `file` (saved), `reason` (finished). Figures that are not finite are the strings
/// `nan`, `inf` and `-inf`, which JSON has no numbers for.
struct MetricsLine: Codable {
    var event: String
    var time: Double
    var step: Int
    var steps: Int?
    var figures: [String: Double]?
    var validation: RunValidation?
    var text: String?
    var file: String?
    var reason: String?

    init(_ entry: RunEntry) {
        time = (entry.time.timeIntervalSince1970 * 1000).rounded() / 1000
        step = entry.event.step
        switch entry.event {
        case .started(_, let steps): (event, self.steps) = ("started", steps)
        case .measured(_, let figures): (event, self.figures) = ("step", figures)
        case .validated(let validation): (event, self.validation) = ("validation", validation)
        case .warned(_, let text): (event, self.text) = ("warning", text)
        case .saved(_, let file): (event, self.file) = ("saved", file)
        case .finished(_, let reason): (event, self.reason) = ("finished", reason)
        }
    }

    /// What the line says, or `nil` when its event is unknown or lacks what belongs to it.
    var entry: RunEntry? {
        let found: RunEvent? =
            switch event {
            case "started": steps.map { .started(firstStep: step, steps: $0) }
            case "step": figures.map { .measured(step: step, figures: $0) }
            case "validation": validation.map { .validated($0) }
            case "warning": text.map { .warned(step: step, text: $0) }
            case "saved": file.map { .saved(step: step, file: $0) }
            case "finished": reason.map { .finished(step: step, reason: $0) }
            default: nil
            }
        return found.map { RunEntry(time: Date(timeIntervalSince1970: time), event: $0) }
    }

    /// The line with its end.
    static func encode(_ entry: RunEntry) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode(MetricsLine(entry)) + Data("\n".utf8)
    }

    static func decode(_ line: some DataProtocol) throws -> MetricsLine {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try decoder.decode(MetricsLine.self, from: Data(line))
    }
}
