import Foundation

/// How far a run has come, as one line for a terminal or a log.
///
///     ━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄  1 240 / 3 000  epoch 3.1  loss 0.4120  0.85 s/step  data 3 %  25 min left
public struct RunProgress: Sendable, Equatable {
    /// Steps of the whole run.
    public var steps: Int
    /// Steps done.
    public var step: Int
    /// Times that the data was shown, where known.
    public var epoch: Double?
    /// The mean loss since the last report.
    public var loss: Double
    public var secondsPerStep: Double
    /// The share of time spent waiting for data, 0...1.
    public var dataWaitShare: Double
    /// The pace that the time left is told by: an average that leans on the last reports.
    private var pace: Double?

    public init(steps: Int, step: Int = 0) {
        self.steps = steps
        self.step = step
        loss = .nan
        secondsPerStep = .nan
        dataWaitShare = 0
    }

    /// Takes in what a report says.
    /// - Parameter figures: of the names `loss`, `secondsPerStep`, `dataWaitShare` and `epoch`; others are left alone.
    public mutating func advance(to step: Int, figures: [String: Double]) {
        self.step = step
        loss = figures["loss"] ?? loss
        secondsPerStep = figures["secondsPerStep"] ?? secondsPerStep
        dataWaitShare = figures["dataWaitShare"] ?? dataWaitShare
        epoch = figures["epoch"] ?? epoch
        guard secondsPerStep.isFinite else { return }
        pace = pace.map { 0.7 * $0 + 0.3 * secondsPerStep } ?? secondsPerStep
    }

    /// The seconds left at the present pace; `nil` before there is one.
    public var secondsLeft: Double? { pace.map { $0 * Double(max(0, steps - step)) } }

    /// The line for a log: `step 1240 of 3000, epoch 3.1, loss 0.4120, …`.
    public var plainLine: String {
        let waiting = String(format: "waiting for data %.0f %%", dataWaitShare * 100)
        return (["step \(step) of \(steps)", epochText, lossText, paceText, waiting, leftText].compactMap { $0 }).joined(separator: ", ")
    }

    /// The line for a terminal, with a bar where there is room, never wider than `width` − 1 columns; what matters least goes first.
    public func line(width: Int) -> String {
        let room = max(1, width - 1)
        let waiting = String(format: "data %.0f %%", dataWaitShare * 100)
        let all = ["\(HTML.count(step)) / \(HTML.count(steps))", epochText, lossText, paceText, waiting, leftText]
        // Left out one after another until the rest fits: the wait, the epoch, the pace, the time left.
        var shown = all
        for position in [4, 1, 3, 5] where Self.joined(shown).count > room { shown[position] = nil }
        let text = Self.joined(shown)
        let barWidth = min(24, room - text.count - 2)
        guard barWidth >= 8 else { return String(text.prefix(room)) }
        let share = steps > 0 ? min(max(Double(step) / Double(steps), 0), 1) : 1
        let filled = Int(share * Double(barWidth))
        return String(repeating: "━", count: filled) + String(repeating: "┄", count: barWidth - filled) + "  " + text
    }

    private static func joined(_ parts: [String?]) -> String { parts.compactMap { $0 }.joined(separator: "  ") }

    private var epochText: String? { epoch.map { String(format: "epoch %.1f", $0) } }
    private var lossText: String { loss.isFinite ? String(format: "loss %.4f", loss) : "loss \(loss)" }
    private var leftText: String? { secondsLeft.map { "\(HTML.duration($0)) left" } }

    /// Fast machines count steps, slow ones seconds.
    private var paceText: String? {
        guard secondsPerStep.isFinite, secondsPerStep > 0 else { return nil }
        return secondsPerStep < 0.5 ? String(format: "%.1f steps/s", 1 / secondsPerStep) : String(format: "%.2f s/step", secondsPerStep)
    }
}
