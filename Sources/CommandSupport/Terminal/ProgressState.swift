import Foundation

/// How far the current stage has come, and when that was last shown.
package struct ProgressState {
    private var stage = ""
    private var began = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private var told: ContinuousClock.Instant?
    private var isVisible = false

    /// The line to show now, or `nil` when it is too soon for another.
    package mutating func advance(stage: String, fraction: Double?, isTerminal: Bool, width: Int) -> String? {
        let now = ContinuousClock.now
        if stage != self.stage {
            self.stage = stage
            began = now
            shown = nil
        }
        // Short stages need no lines in a log.
        if !isTerminal, fraction == nil || now - began < .seconds(5) { return nil }
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        if let shown, now - shown < pause, (fraction ?? 0) < 1 || !isTerminal { return nil }
        shown = now
        isVisible = true
        let elapsed = (now - began) / .seconds(1)
        return isTerminal
            ? Self.bar(stage: stage, fraction: fraction, elapsed: elapsed, width: width)
            : Self.line(stage: stage, fraction: fraction, elapsed: elapsed)
    }

    /// Whether a line of a caller's own making may be shown now: not sooner than a tenth of a second after the last on a terminal, ten
    /// seconds elsewhere, whatever else was said in between.
    package mutating func isDue(isTerminal: Bool) -> Bool {
        let now = ContinuousClock.now
        if let told, now - told < (isTerminal ? .milliseconds(100) : .seconds(10)) { return false }
        told = now
        isVisible = true
        return true
    }

    /// Forgets that a bar is on the screen; returns whether one was.
    package mutating func hide() -> Bool {
        defer { isVisible = false }
        shown = nil
        return isVisible
    }

    /// `network      ━━━━━━━━━╸          45 %  12 s left`, no wider than the terminal.
    package static func bar(stage: String, fraction: Double?, elapsed: Double, width: Int) -> String {
        let name = stage.padding(toLength: max(12, stage.count), withPad: " ", startingAt: 0)
        guard let fraction else { return String("\(name) …".prefix(width - 1)) }
        let share = min(max(fraction, 0), 1)
        let tail = String(format: " %3.0f %%  ", share * 100) + remaining(fraction: share, elapsed: elapsed)
        let room = min(40, width - 1 - name.count - 1 - 22)
        guard room >= 8 else { return String("\(name)\(tail)".prefix(width - 1)) }
        let filled = Int((share * Double(room)).rounded(.down))
        return "\(name) " + String(repeating: "━", count: filled) + String(repeating: "┄", count: room - filled) + tail
    }

    /// `network: 45 %, 12 s left`.
    package static func line(stage: String, fraction: Double?, elapsed: Double) -> String {
        guard let fraction, fraction > 0, fraction < 1 else { return "\(stage) …" }
        return String(format: "\(stage): %.0f %%, ", fraction * 100) + remaining(fraction: fraction, elapsed: elapsed)
    }

    /// The time left at the average speed so far; nothing before there is a speed.
    private static func remaining(fraction: Double, elapsed: Double) -> String {
        guard fraction > 0, elapsed > 0.5 else { return "" }
        return "\(Duration.text(seconds: elapsed / fraction * (1 - fraction))) left"
    }
}

extension Duration {
    /// `0.35 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    package static func text(seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        if seconds < 10 { return String(format: seconds < 1 ? "%.2f s" : "%.1f s", max(0, seconds)) }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
