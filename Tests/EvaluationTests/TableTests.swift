import Evaluation
import Foundation
import MedicalImaging
import Testing

@Suite struct TableTests {
    private func table() throws -> EvaluationTable {
        let reference = ball(radius: 5)
        let cases = try [ball(radius: 5), ball(radius: 4), ball(2, radius: 4)].enumerated().map { index, prediction in
            try CaseEvaluation(
                name: index == 0 ? "a,\"b\"" : "case\(index)", prediction: prediction, reference: reference,
                settings: EvaluationSettings(labels: [1: "organ", 2: "other"]))
        }
        return EvaluationTable(cases: cases)
    }

    @Test func summariesDescribeTheFiniteValues() {
        let summary = ScoreSummary([1, .nan, 2, 4, .infinity, 9])
        #expect(summary.count == 4)
        #expect(summary.infiniteCount == 1)
        #expect(summary.mean == 4)
        #expect(summary.median == 3)
        #expect(abs(summary.standardDeviation - (38.0 / 3).squareRoot()) < 1e-12)
        #expect(summary.lowerBound >= 1 && summary.lowerBound < 4 && summary.upperBound > 4 && summary.upperBound <= 9)
        #expect(summary == ScoreSummary([1, 2, .nan, 4, 9, .infinity]))
    }

    @Test func theIntervalOfANormalSampleIsThatOfItsMean() {
        var generator = SeededGenerator(seed: 9)
        let values = (0..<400).map { _ in (0..<12).reduce(-6.0) { sum, _ in sum + .random(in: 0..<1, using: &generator) } }
        let summary = ScoreSummary(values)
        let halfWidth = 1.96 * summary.standardDeviation / 20
        // 2000 resamples leave about 3 % of uncertainty in each bound's distance.
        #expect(abs((summary.upperBound - summary.mean) / halfWidth - 1) < 0.15)
        #expect(abs((summary.mean - summary.lowerBound) / halfWidth - 1) < 0.15)
    }

    @Test func fewValuesLeaveFiguresUndefined() {
        let none = ScoreSummary([.nan])
        #expect(none.count == 0 && none.mean.isNaN && none.median.isNaN && none.lowerBound.isNaN)
        let one = ScoreSummary([0.5])
        #expect(one.mean == 0.5 && one.median == 0.5 && one.standardDeviation.isNaN && one.upperBound.isNaN)
    }

    @Test func organsAreSummarisedOverCases() throws {
        let organs = try table().organs
        #expect(organs.map(\.label) == [1, 2])
        #expect(organs[0].dice.count == 3)
        #expect(organs[0].hausdorff95.count == 2 && organs[0].hausdorff95.infiniteCount == 1)
        #expect(organs[1].dice.count == 0 && organs[1].predictedWithoutReference == 1)
    }

    @Test func csvHasOneRecordPerCaseAndOrgan() throws {
        let lines = try table().csv.components(separatedBy: "\r\n").filter { !$0.isEmpty }
        #expect(lines.count == 1 + 3 * 2)
        #expect(lines[1].hasPrefix("\"a,\"\"b\"\"\",1,organ,both,1,0,1,"))
        #expect(lines[2].contains(",2,other,neither,,,,0,0,0,0,0"))
        #expect(lines[5].contains(",referenceOnly,0,inf,0,"))
        let summary = try table().summaryCSV.components(separatedBy: "\r\n").filter { !$0.isEmpty }
        #expect(summary.count == 1 + 2 + 2)
        let columns = summary.map { $0.components(separatedBy: ",").count }
        #expect(Set(columns) == [22])
    }

    @Test func jsonHoldsNoNumbersThatJSONLacks() throws {
        let object = try #require(JSONSerialization.jsonObject(with: table().json()) as? [String: Any])
        let cases = try #require(object["cases"] as? [[String: Any]])
        #expect(cases.count == 3)
        let organs = try #require(cases[2]["organs"] as? [[String: Any]])
        #expect(organs[0]["presence"] as? String == "referenceOnly")
        #expect(organs[0]["hausdorff95"] is NSNull)
        #expect(organs[0]["dice"] as? Double == 0)
        #expect(organs[1]["dice"] is NSNull)
    }
}
