import CommandSupport
import Foundation
import MedicalImaging
import Reporting
import VolumeCommands

/// The HTML page of one case.
struct CaseReport {
    let result: CaseResult
    let network: NetworkSummary
    let labels: LabelMap
    let volume: Volume<Float>
    let reference: Reference?

    /// Writes the page.
    func write(to page: URL) throws {
        let montages = Montage.montages(of: volume, labels: labels, reference: reference?.labels)
        let report = SegmentationReport(
            title: URL(filePath: result.input).lastPathComponent, created: Self.time, facts: facts, structures: result.organs, stages: result.stages,
            warnings: result.warnings, provenance: try provenance(), montages: montages,
            surfaceTolerance: reference == nil ? nil : Measurement.surfaceTolerance)
        try AtomicOutput.write(Data(report.page().utf8), to: page)
    }

    private var facts: [ReportFact] {
        var facts = [
            ReportFact("Size", volume.grid.sizeText), ReportFact("Spacing", volume.grid.spacingText), ReportFact("Orientation", result.orientation),
            ReportFact("Model", network.name), ReportFact("Device", network.device),
            ReportFact("Precision", network.precision), ReportFact("Postprocessing", result.postprocessing.brief),
        ]
        if let dice = result.meanDice { facts.append(ReportFact("Mean Dice", String(format: "%.3f", dice))) }
        return facts
    }

    private func provenance() throws -> [ReportFact] {
        [
            ReportFact("Input", result.input), ReportFact("Input SHA-256", try Fingerprint.sha256(of: URL(filePath: result.input))),
            ReportFact("Labels", result.output), ReportFact("Labels SHA-256", try Fingerprint.sha256(of: URL(filePath: result.output))),
            ReportFact("Model", network.path), ReportFact("Model SHA-256", network.sha256),
            ReportFact("Network", network.architecture), ReportFact("Preprocessing", network.recipe),
            ReportFact("Postprocessing", result.postprocessing.text),
            ReportFact("Viscera", Version.number), ReportFact("LibTorch", network.engine), ReportFact("System", Machine.current.system),
            ReportFact("Command", CommandText.current),
        ]
    }

    /// Now, in local time, as `2026-11-23 21:52`.
    private static var time: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm"
        return formatter.string(from: Date())
    }
}
