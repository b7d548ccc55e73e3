import Foundation

extension SegmentationReport {
    /// The report as one HTML file that needs no other: styles and pictures inside, no scripts, no network.
    public func page() -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="Viscera">
        <title>\(HTML.escape(title)) · Viscera segmentation report</title>
        <style>
        \(ReportStyle.sheet)
        \(labelRules)
        </style>
        </head>
        <body>
        <main>
        \(header)
        \(warningBox)
        \(structureTable)
        \(pictures)
        \(timings)
        \(provenanceList)
        <footer>Written by Viscera. Research use only: not a medical device, not for diagnosis or treatment.</footer>
        </main>
        </body>
        </html>

        """
    }

    private var header: String {
        """
        <header>
        <p class="brand">Viscera<span>segmentation report</span></p>
        <h1>\(HTML.escape(title))</h1>
        <p class="created">\(HTML.escape(created)) <strong class="badge">Research use only</strong></p>
        \(list(facts, class: "facts"))
        </header>
        """
    }

    private func list(_ facts: [ReportFact], class name: String) -> String {
        guard !facts.isEmpty else { return "" }
        let items = facts.map { "<div><dt>\(HTML.escape($0.name))</dt><dd>\(HTML.escape($0.value))</dd></div>" }
        return "<dl class=\"\(name)\">\n\(items.joined(separator: "\n"))\n</dl>"
    }

    private var warningBox: String {
        guard !warnings.isEmpty else { return "" }
        let items = warnings.map { "<li>\(HTML.escape($0.prefix(1).uppercased() + $0.dropFirst()))</li>" }.joined(separator: "\n")
        return """
            <section class="warnings" aria-labelledby="warnings">
            <h2 id="warnings">\(warnings.count == 1 ? "1 warning" : "\(warnings.count) warnings")</h2>
            <ul>
            \(items)
            </ul>
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

    private var provenanceList: String {
        guard !provenance.isEmpty else { return "" }
        return "<section>\n<h2>Provenance</h2>\n\(list(provenance, class: "provenance"))\n</section>"
    }
}
