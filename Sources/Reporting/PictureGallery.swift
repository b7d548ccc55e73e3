import Foundation

/// Montages on a page: rows of slices whose structures are switched on and off by one legend.
struct PictureGallery {
    var montages: [Montage]
    /// The names of the labels.
    var names: [UInt8: String]

    /// How to read the pictures.
    static let convention = "soft-tissue window, −160 to 240 HU; radiological convention"

    /// The labels that any picture shows, ascending.
    private var shownLabels: [UInt8] {
        Set(montages.flatMap { $0.tiles.flatMap { $0.layers.map(\.label) } }).sorted()
    }

    private var hasReference: Bool { montages.contains { $0.tiles.contains { $0.reference != nil } } }

    private func name(of label: UInt8) -> String { names[label] ?? "label \(label)" }

    /// One rule per label, shown or among `labels`: its colour, and that its layers vanish when its box in the legend is cleared.
    func rules(for labels: [UInt8]) -> String {
        Set(labels).union(shownLabels).sorted().map { label in
            ".c\(label){background:\(ReportColor.color(ofLabel: label).css)}body:has(#t\(label):not(:checked)) .o\(label){visibility:hidden}"
        }.joined(separator: "\n")
    }

    /// The names and colours of what is shown, each with its switch.
    var legend: String {
        var items = shownLabels.map { label in
            """
            <label><input type="checkbox" id="t\(label)" checked><i class="chip c\(label)"></i>\(HTML.escape(name(of: label)))</label>
            """
        }
        if hasReference {
            items.append("<label><input type=\"checkbox\" id=\"tref\" checked><i class=\"chip outline\"></i>reference outline</label>")
        }
        return "<div class=\"legend\" role=\"group\" aria-label=\"Shown structures\">\n\(items.joined(separator: "\n"))\n</div>"
    }

    /// What to know of oblique scans; empty when there are none.
    var obliquityNote: String {
        let angle = montages.map(\.obliquity).max() ?? 0
        guard angle > 1 else { return "" }
        return
            "<p class=\"note\">The scan is oblique by \(HTML.number(angle, decimals: 0))°: pictures follow its voxels, and the letters name the nearest direction.</p>"
    }

    /// The slices of one montage under a heading.
    func row(_ montage: Montage, heading: String) -> String {
        guard !montage.tiles.isEmpty else { return "" }
        return """
            <h3>\(HTML.escape(heading))</h3>
            <div class="montage">
            \(montage.tiles.map { tile($0, plane: montage.plane) }.joined(separator: "\n"))
            </div>
            """
    }

    private func tile(_ tile: Montage.Tile, plane: AnatomicalPlane) -> String {
        let letters = plane.letters
        let directions = [["R", "L"], ["A", "P"], ["S", "I"]][plane.through]
        let place = "\(tile.position < 0 ? directions[1] : directions[0]) \(HTML.number(abs(tile.position), decimals: 0)) mm"
        let names = tile.layers.map { name(of: $0.label) }
        let description =
            "\(plane.heading) slice \(tile.slice), \(place). " + (names.isEmpty ? "No structures." : "Shows \(names.joined(separator: ", ")).")
        let layers = tile.layers.map { "<img class=\"o o\($0.label)\" alt=\"\" src=\"\(HTML.address(ofPNG: $0.picture))\">" }
        let reference = tile.reference.map { "<img class=\"o ref\" alt=\"\" src=\"\(HTML.address(ofPNG: $0))\">" } ?? ""
        return """
            <figure><div class="picture" style="aspect-ratio:\(tile.width)/\(tile.height)">\
            <img width="\(tile.width)" height="\(tile.height)" alt="\(HTML.escape(description))" src="\(HTML.address(ofPNG: tile.picture))">\
            \(layers.joined())\(reference)\
            <b class="l">\(letters.left)</b><b class="r">\(letters.right)</b><b class="t">\(letters.top)</b><b class="b">\(letters.bottom)</b></div>\
            <figcaption>\(place) <span>slice \(tile.slice)</span></figcaption></figure>
            """
    }
}
