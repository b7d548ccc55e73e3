import Foundation

/// Text for a page.
enum HTML {
    /// `text` with the characters that mean something in HTML, in elements and in quoted attributes, replaced by references.
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\u{9}", "\u{A}", "\u{20}"...: escaped.unicodeScalars.append(character)
            default: escaped += "\u{FFFD}"  // control characters are not allowed in a page
            }
        }
        return escaped
    }

    /// A `data:` address that holds a PNG.
    static func address(ofPNG picture: Data) -> String { "data:image/png;base64,\(picture.base64EncodedString())" }

    /// A number with a fixed number of decimals; a missing or not finite one is a dash.
    static func number(_ value: Double?, decimals: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        let text = String(format: "%.\(decimals)f", value)
        let isZero = !text.contains { $0 != "0" && $0 != "." && $0 != "-" }
        return (isZero ? text.replacingOccurrences(of: "-", with: "") : text).replacingOccurrences(of: "-", with: "−")
    }

    /// A volume in mL: whole from 100 on, else one decimal.
    static func volume(_ value: Double) -> String { number(value, decimals: value >= 99.95 ? 0 : 1) }

    /// A whole number in groups of three digits with narrow spaces between.
    static func count(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var text = value < 0 ? "−" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// A duration: milliseconds below a second, then seconds, then minutes and seconds, then hours and minutes.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 59.95 { return String(format: "%.1f s", seconds) }
        let whole = Int(seconds.rounded())
        if whole >= 3600 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
        return "\(whole / 60) min \(whole % 60) s"
    }
}
