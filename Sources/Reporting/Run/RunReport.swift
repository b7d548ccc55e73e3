import Foundation

/// The page on a training run: curves, scores, the worst cases in pictures, the configuration, and where it all came from.
public struct RunReport: Sendable {
    public var record: RunRecord
    /// The time of the report, as it shall be printed.
    public var created: String

    public init(_ record: RunRecord, created: String) {
        self.record = record
        self.created = created
    }

    /// The report as one HTML file that needs no other.
    /// - Throws: `ReportingError.configuration` when the configuration is not a JSON object.
    public func page() throws(ReportingError) -> String {
        let shown = record.bestValidation ?? record.validations.last
        let names = shown?.classes.enumerated().map { (UInt8(clamping: $0.offset), $0.element) } ?? []
        let gallery = PictureGallery(montages: record.pictures.map(\.montage), names: Dictionary(names) { first, _ in first })
        return ReportPage(
            kind: record.kind, title: record.title, created: created, facts: facts, warnings: record.warnings,
            rules: gallery.rules(for: names.map(\.0).filter { $0 > 0 }),
            sections: [curves, validationCurves, organs, cases, pictures(gallery), try settings], provenance: record.provenance
        ).text
    }

    private var facts: [ReportFact] {
        var facts = [ReportFact("Steps", HTML.count(record.lastStep) + (record.steps.map { " of \(HTML.count($0))" } ?? ""))]
        if let epoch = record.series["epoch"]?.last?.value { facts.append(ReportFact("Epoch", HTML.number(epoch, decimals: 1))) }
        if let outcome { facts.append(ReportFact("State", outcome)) }
        if record.seconds > 0 { facts.append(ReportFact("Time", HTML.duration(record.seconds))) }
        if let best = record.bestValidation {
            facts.append(ReportFact("Best organ mean Dice", "\(HTML.number(best.organMean, decimals: 3)) at step \(HTML.count(best.step))"))
        }
        return facts + record.facts
    }

    /// How the run stands: the reason of its end, or that it goes on.
    private var outcome: String? {
        let state = record.entries.last {
            switch $0.event {
            case .started, .finished: true
            default: false
            }
        }
        return switch state?.event {
        case .finished(_, let reason): reason
        case .started: "running"
        default: nil
        }
    }

    /// The worst cases in pictures.
    private func pictures(_ gallery: PictureGallery) -> String {
        guard !record.pictures.isEmpty else { return "" }
        let rows = record.pictures.map { gallery.row($0.montage, heading: "\($0.name) · \($0.note) · step \(HTML.count($0.step))") }
        return """
            <section>
            <h2>Worst cases <small>\(PictureGallery.convention)</small></h2>
            \(gallery.legend)
            \(gallery.obliquityNote)
            \(rows.joined(separator: "\n"))
            </section>
            """
    }

    private var settings: String {
        get throws(ReportingError) {
            let facts = try ConfigurationList.facts(of: record.configuration)
            guard !facts.isEmpty else { return "" }
            return
                "<section>\n<h2>Configuration <small>resolved: defaults included</small></h2>\n\(ReportPage.list(facts, class: "settings"))\n</section>"
        }
    }
}
