import Foundation

/// The frame that all reports share: head, styles, heading, warnings, provenance, notice. One HTML file that needs no other: styles and
/// pictures inside, no scripts, no network.
struct ReportPage {
    /// What kind of report it is, beside the brand: `segmentation report`.
    var kind: String
    var title: String
    var created: String
    var facts: [ReportFact]
    var warnings: [String]
    /// CSS rules beside those of `ReportStyle`.
    var rules = ""
    /// The sections between warnings and provenance; empty ones are left out.
    var sections: [String]
    var provenance: [ReportFact]

    var text: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="Viscera">
        <title>\(HTML.escape(title)) · Viscera \(HTML.escape(kind))</title>
        <style>
        \(ReportStyle.sheet)
        \(rules)
        </style>
        </head>
        <body>
        <main>
        \(header)
        \(warningBox)
        \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
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
        <p class="brand">Viscera<span>\(HTML.escape(kind))</span></p>
        <h1>\(HTML.escape(title))</h1>
        <p class="created">\(HTML.escape(created)) <strong class="badge">Research use only</strong></p>
        \(Self.list(facts, class: "facts"))
        </header>
        """
    }

    /// Names and values; nothing when there are none.
    static func list(_ facts: [ReportFact], class name: String) -> String {
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

    private var provenanceList: String {
        guard !provenance.isEmpty else { return "" }
        return "<section>\n<h2>Provenance</h2>\n\(Self.list(provenance, class: "provenance"))\n</section>"
    }
}
