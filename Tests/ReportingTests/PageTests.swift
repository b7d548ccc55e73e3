import Foundation
import MedicalImaging
import Reporting
import Testing

/// The page as text: complete, safe, and leaning on nothing outside itself.
@Suite struct PageTests {
    private func report(title: String = "case 1") -> SegmentationReport {
        let grid = VoxelGrid(shape: SIMD3(8, 8, 8), affine: .diagonal(SIMD3(3, 3, 3)))
        var labels = LabelMap(grid: grid, repeating: 0)
        labels[4, 4, 4] = Organ.liver.rawValue
        let volume = Volume<Float>(grid: grid, repeating: 60)
        let score = StructureScore(referenceVolume: 1400, dice: 0.9412, hausdorff95: 3.2, surfaceDice: nil)
        return SegmentationReport(
            title: title, created: "2030-01-02 03:04", facts: [ReportFact("Size", "8 × 8 × 8")],
            structures: [
                StructureSummary(
                    label: 6, name: "liver", volume: 1523.4, meanIntensity: 104.4, intensityDeviation: 21.6, isTruncated: true, score: score),
                StructureSummary(label: 4, name: "gallbladder", volume: 0),
            ],
            stages: [StageTiming("read", seconds: 0.25), StageTiming("network", seconds: 61)], warnings: ["liver on the left"],
            provenance: [ReportFact("Input SHA-256", "abc")], montages: Montage.montages(of: volume, labels: labels, reference: labels),
            surfaceTolerance: 2)
    }

    @Test func saysEverything() {
        let page = report().page()
        for text in [
            "case 1", "8 × 8 × 8", "≥ 1523", "104 ± 22", "cut off", "0.941", "3.2", "1400", "not found", "250 ms", "1 min 1 s", "Liver on the left",
            "Input SHA-256", "Research use only", "1 of 2 found", "at 2 mm", "Axial", "Coronal", "Sagittal", "reference outline",
        ] { #expect(page.contains(text), "\(text)") }
    }

    @Test func needsNothingElse() {
        let page = report().page()
        for text in ["http:", "https:", "<script", "<link", "@import", "url("] { #expect(!page.contains(text), "\(text)") }
        let sources = page.components(separatedBy: "src=\"").dropFirst()
        #expect(!sources.isEmpty)
        #expect(sources.allSatisfy { $0.hasPrefix("data:image/png;base64,iVBORw0KGgo") })
    }

    @Test func hostileTextStaysText() {
        var report = report(title: "</title><script>alert('x')</script>&\"\u{0}")
        report.warnings = ["<img src=x onerror=alert(1)>"]
        report.structures[0].name = "<b>liver</b>"
        let page = report.page()
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img src=x"))
        #expect(!page.contains("<b>liver"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\u{FFFD}"))
        #expect(unbalancedElements(page) == [])
    }

    @Test func elementsAreBalanced() {
        #expect(unbalancedElements(report().page()) == [])
        #expect(unbalancedElements(SegmentationReport(title: "empty", created: "now").page()) == [])
        #expect(unbalancedElements("<p><b></p>") != [])
    }
}
