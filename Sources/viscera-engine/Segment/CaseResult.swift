import CommandSupport
import Foundation
import MedicalImaging
import Reporting

/// What `segment` finds in one case; written with `--json`.
struct CaseResult: Encodable, Sendable {
    var input: String
    var output: String
    var report: String?
    var shape: [Int]
    /// In mm.
    var spacing: [Double]
    var orientation: String
    var organs: [StructureSummary]
    var stages: [StageTiming]
    var warnings: [String]
    var windowsRun: Int
    var windowsSkipped: Int
    /// The bytes that were planned for the peak of the network's work.
    var plannedMemory: Int
    /// What was done to the labels that the network found.
    var postprocessing: PostprocessingSummary
    /// The most main memory that the process had in use until the case was done, in bytes.
    var peakMemory: Int?
    /// The most memory of the network's device in use for tensors, in bytes; of devices with memory of their own.
    var devicePeakMemory: Int?
    /// The mean over the organs for which Dice is defined, when a reference was given.
    var meanDice: Double?
    var inputHash: String?

    /// The organs as a table for the terminal.
    var table: TextTable {
        let hasScores = organs.contains { $0.score != nil }
        var columns: [(String, TextTable.Alignment)] = [("Organ", .left), ("mL", .right), ("HU", .right), ("", .left)]
        if hasScores { columns += [("Dice", .right), ("HD95 mm", .right), ("NSD", .right)] }
        var table = TextTable(columns)
        for organ in organs {
            let isFound = organ.volume > 0
            let intensity = organ.meanIntensity.map { String(format: "%.0f ± %.0f", $0, organ.intensityDeviation ?? 0) } ?? "–"
            var cells = [
                organ.name, isFound ? String(format: "%.1f", organ.volume) : "–", intensity,
                organ.isTruncated ? "cut off" : isFound ? "" : "not found",
            ]
            if hasScores {
                cells += [
                    Self.text(organ.score?.dice, "%.3f"), Self.text(organ.score?.hausdorff95, "%.1f"), Self.text(organ.score?.surfaceDice, "%.3f"),
                ]
            }
            table.append(cells)
        }
        return table
    }

    private static func text(_ value: Double?, _ format: String) -> String { value.map { $0.isFinite ? String(format: format, $0) : "–" } ?? "–" }
}

/// What `segment --json` writes.
struct SegmentResult: Encodable {
    var version = Version.number
    var notice = "Research use only: not a medical device, not for diagnosis or treatment."
    var model: NetworkSummary
    var cases: [CaseOutcome]
}
