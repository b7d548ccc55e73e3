import Foundation

extension SegmentationReport {
    /// The report as one HTML file that needs no other: styles and pictures inside, no scripts, no network.
    public func page() -> String {
        let gallery = PictureGallery(montages: montages, names: names)
        return ReportPage(
            kind: "segmentation report", title: title, created: created, facts: facts, warnings: warnings,
            rules: gallery.rules(for: structures.map(\.label)), sections: [structureTable, pictures(gallery), timings], provenance: provenance
        ).text
    }

    private var names: [UInt8: String] { Dictionary(structures.map { ($0.label, $0.name) }) { first, _ in first } }

    /// The legend and the three rows of slices.
    private func pictures(_ gallery: PictureGallery) -> String {
        guard montages.contains(where: { !$0.tiles.isEmpty }) else { return "" }
        return """
            <section>
            <h2>Pictures <small>\(PictureGallery.convention)</small></h2>
            \(gallery.legend)
            \(gallery.obliquityNote)
            \(montages.map { gallery.row($0, heading: $0.plane.heading) }.joined(separator: "\n"))
            </section>
            """
    }

    private var timings: String {
        let total = stages.reduce(0) { $0 + max(0, $1.seconds) }
        guard !stages.isEmpty, total > 0 else { return "" }
        let shares = stages.map { 100 * max(0, $0.seconds) / total }
        let segments = shares.enumerated().map { "<i class=\"s\($0 % 6)\" style=\"width:\(String(format: "%.2f", $1))%\"></i>" }
        let rows = zip(stages, shares).enumerated().map { position, row in
            "<li><i class=\"s\(position % 6)\"></i>\(HTML.escape(row.0.name))<b>\(HTML.duration(row.0.seconds))</b></li>"
        }
        return """
            <section>
            <h2>Time <small>\(HTML.duration(total)) in all</small></h2>
            <div class="timeline" aria-hidden="true">\(segments.joined())</div>
            <ul class="stages">
            \(rows.joined(separator: "\n"))
            </ul>
            </section>
            """
    }
}
