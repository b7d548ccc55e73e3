/// A table for the terminal: columns as wide as their widest cell, two spaces apart.
package struct TextTable {
    package enum Alignment { case left, right }

    /// The heading and the alignment of each column.
    private let columns: [(heading: String, alignment: Alignment)]
    private var rows: [[String]] = []

    package init(_ columns: [(String, Alignment)]) { self.columns = columns.map { (heading: $0.0, alignment: $0.1) } }

    /// - Precondition: one cell per column.
    package mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row of \(columns.count) cells was expected, not \(cells.count)")
        rows.append(cells)
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// The table's lines, headings first (left out when all are empty), without trailing spaces.
    package var lines: [String] {
        let headings = columns.map(\.heading)
        let all = headings.allSatisfy(\.isEmpty) ? rows : [headings] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, zip(columns, widths)).map { cell, format in
                let space = String(repeating: " ", count: format.1 - cell.count)
                return format.0.alignment == .left ? cell + space : space + cell
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    package var text: String { lines.joined(separator: "\n") }
}
