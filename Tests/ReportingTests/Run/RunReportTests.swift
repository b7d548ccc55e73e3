import Foundation
import MedicalImaging
import Reporting
import TestSupport
import Testing

/// What the page of a run says, and that it is a page.
@Suite struct RunReportTests {
    private let classes = ["background", "spleen", "liver"]

    private func entry(_ seconds: Double, _ event: RunEvent) -> RunEntry { RunEntry(time: Date(timeIntervalSince1970: seconds), event: event) }

    private func validation(_ step: Int, _ liver: Double) -> RunValidation {
        RunValidation(
            step: step, classes: classes,
            cases: [CaseDice(name: "case-a", dice: [1, 0.5, liver]), CaseDice(name: "case-b", dice: [0.9, nil, 0.25])],
            intervals: [nil, nil, ConfidenceInterval(lower: 0.125, upper: 0.375)])
    }

    private func record(title: String = "run 1", text: String = "odd") -> RunRecord {
        var record = RunRecord(
            title: title, facts: [ReportFact("Volumes", "24")],
            configuration: Data(#"{"seed":42,"net":{"shape":[1,2],"on":true,"none":null},"rate":1e-4}"#.utf8),
            provenance: [ReportFact("Datalist SHA-256", "abc")])
        record.append(entry(0, .started(firstStep: 0, steps: 4000)))
        for step in stride(from: 20, through: 2000, by: 20) {
            let loss = step == 100 ? Double.nan : 1 / Double(step)
            record.append(
                entry(Double(step), .measured(step: step, figures: ["loss": loss, "learningRate": 1e-4, "dataWaitShare": 0.25, "oddFigure": 3])))
        }
        record.append(entry(2001, .validated(validation(1000, 0.75))))
        record.append(entry(2002, .validated(validation(2000, 0.5))))
        record.append(entry(2003, .warned(step: 1500, text: text)))
        record.append(entry(2004, .warned(step: 1600, text: text)))
        record.append(entry(3600, .finished(step: 2000, reason: "interrupted")))
        return record
    }

    @Test func meansAreThoseOfDiceMetric() throws {
        let found = validation(1, 0.75)
        // Per case over the classes that it has, then over cases: ((0.5 + 0.75)/2 + 0.25)/2 and ((1 + 0.5 + 0.75)/3 + (0.9 + 0.25)/2)/2.
        #expect(abs(try #require(found.organMean) - 0.4375) < 1e-12)
        #expect(abs(try #require(found.classMean) - 0.6625) < 1e-12)
        #expect(found.dice(ofClass: 1) == 0.5)
        #expect(found.dice(ofClass: 2) == 0.5)
        #expect(RunValidation(step: 1).organMean == nil)
        #expect(CaseDice(name: "", dice: [1, .nan]).organMean == nil)
    }

    @Test func saysEverything() throws {
        let page = try RunReport(record(), created: "2030-01-02").page()
        for text in [
            "run 1", "training report", "2\u{202F}000 of 4\u{202F}000", "interrupted", "1 h 0 min", "0.438 at step 1\u{202F}000", "(1 not finite)",
            "Odd figure", "Waiting for data", "Odd (2 times, steps 1500 to 1600)", "Mean of 2 organs", "0.4375", "Mean of 3 classes", "0.6625",
            "0.125 to 0.375", "case-b", "net.shape", "[1, 2]", "true", "null", "Datalist SHA-256", "Research use only", "log scale",
        ] { #expect(page.contains(text), "\(text)") }
        for text in ["http:", "https:", "<script", "<link", "@import", "url(", ">nan", "nan<"] { #expect(!page.contains(text), "\(text)") }
    }

    @Test func pagesAreWellFormedWhateverTheTextSays() throws {
        let hostile = "</title><script>alert('x')</script>"
        let page = try RunReport(record(title: hostile, text: hostile), created: "").page()
        #expect(!page.contains("<script"))
        #expect(unbalancedElements(page) == [])
        let empty = try RunReport(RunRecord(title: "empty"), created: "").page()
        #expect(unbalancedElements(empty) == [])
        #expect(throws: ReportingError.self) { _ = try RunReport(RunRecord(title: "", configuration: Data("[1]".utf8)), created: "").page() }
    }

    @Test func goingOnTakesBackLaterSteps() {
        var record = record()
        record.append(entry(9000, .started(firstStep: 1000, steps: 4000)))
        #expect(record.entries.map(\.event.step).max() == 1000)
        #expect(record.entries.last?.event == .started(firstStep: 1000, steps: 4000))
    }

    @Test func recordersWriteAllFilesAndGoOn() throws {
        let folder = try TemporaryDirectory()
        let fresh = RunRecord(title: "run")
        #expect(throws: ReportingError.notStarted) { try RunRecorder(fresh, folder: folder.url).receive(.saved(step: 1, file: "x")) }
        for firstStep in [0, 40] {
            let recorder = RunRecorder(fresh, folder: folder.url)
            try recorder.receive(.started(firstStep: firstStep, steps: 100))
            for step in [firstStep + 20, firstStep + 40] { try recorder.receive(.measured(step: step, figures: ["loss": 1])) }
            try recorder.receive(.validated(validation(firstStep + 40, 0.5)))
            let grid = VoxelGrid(shape: SIMD3(8, 8, 8), affine: .diagonal(SIMD3(3, 3, 3)))
            var labels = LabelMap(grid: grid, repeating: 0)
            labels[4, 4, 4] = 2
            let volume = Volume<Float>(grid: grid, repeating: 60)
            try recorder.show([
                RunPicture(name: "case-b", note: "spleen missed", step: firstStep + 40, volume: volume, labels: labels, reference: labels)
            ])
            try recorder.receive(.saved(step: firstStep + 40, file: "x"))
        }
        let steps = try MetricsLog.read(folder.file("metrics.jsonl")).compactMap { if case .measured(let step, _) = $0.event { step } else { nil } }
        #expect(steps == [20, 40, 60, 80])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("tensorboard").path).count == 2)
        let page = try String(contentsOf: folder.file("report.html"), encoding: .utf8)
        #expect(page.contains("80 of 100") && page.contains("spleen missed") && page.contains("data:image/png;base64,iVBORw0KGgo"))
        #expect(unbalancedElements(page) == [])
    }

    @Test func progressFitsTheTerminal() {
        var progress = RunProgress(steps: 3000)
        progress.advance(to: 1240, figures: ["loss": 0.412, "secondsPerStep": 0.85, "dataWaitShare": 0.03, "epoch": 3.1])
        #expect(progress.plainLine == "step 1240 of 3000, epoch 3.1, loss 0.4120, 0.85 s/step, waiting for data 3 %, 24 min 56 s left")
        for width in [1, 20, 40, 60, 80, 200] { #expect(progress.line(width: width).count <= max(1, width - 1), "\(width)") }
        let wide = progress.line(width: 120)
        #expect(wide.contains("━") && wide.contains("1\u{202F}240 / 3\u{202F}000") && wide.contains("24 min 56 s left"))
        #expect(progress.line(width: 50).contains("loss 0.4120"))
        progress.advance(to: 1260, figures: ["loss": .nan, "secondsPerStep": 0.01])
        #expect(progress.plainLine.contains("loss nan") && progress.plainLine.contains("100.0 steps/s"))
        #expect(RunProgress(steps: 0).line(width: 80).count < 80)
    }
}
