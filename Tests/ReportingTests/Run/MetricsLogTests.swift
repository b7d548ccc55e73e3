import Foundation
import Reporting
import TestSupport
import Testing

/// The log as other programs read it, and what becomes of it when a run stops and goes on.
@Suite struct MetricsLogTests {
    private func entry(_ seconds: Double, _ event: RunEvent) -> RunEntry { RunEntry(time: Date(timeIntervalSince1970: seconds), event: event) }

    private func measured(_ step: Int, _ loss: Double = 0.5) -> RunEntry { entry(Double(step), .measured(step: step, figures: ["loss": loss])) }

    private func lines(_ url: URL) throws -> [String] { try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init) }

    @Test func keysAreStable() throws {
        let folder = try TemporaryDirectory()
        let url = folder.file("metrics.jsonl")
        let log = try MetricsLog(url, resumingAfter: 0)
        let validation = RunValidation(
            step: 20, classes: ["background", "liver"], cases: [CaseDice(name: "a", dice: [0.5, nil])],
            intervals: [nil, ConfidenceInterval(lower: 0.25, upper: 0.75)])
        try log.append(entry(1.0625, .started(firstStep: 0, steps: 40)))
        try log.append(entry(2, .measured(step: 20, figures: ["loss": 0.5, "dice": .nan])))
        try log.append(entry(3, .validated(validation)))
        try log.append(entry(4, .warned(step: 20, text: "odd")))
        try log.append(entry(5, .saved(step: 20, file: "a/b")))
        try log.append(entry(6, .finished(step: 20, reason: "interrupted")))
        #expect(
            try lines(url) == [
                #"{"event":"started","step":0,"steps":40,"time":1.063}"#,
                #"{"event":"step","figures":{"dice":"nan","loss":0.5},"step":20,"time":2}"#,
                #"{"event":"validation","step":20,"time":3,"validation":{"cases":[{"dice":[0.5,null],"name":"a"}],"classes":["background","liver"],"#
                    + #""figures":{},"intervals":[null,{"level":0.95,"lower":0.25,"upper":0.75}],"step":20}}"#,
                #"{"event":"warning","step":20,"text":"odd","time":4}"#, #"{"event":"saved","file":"a/b","step":20,"time":5}"#,
                #"{"event":"finished","reason":"interrupted","step":20,"time":6}"#,
            ])
        let found = try MetricsLog.read(url)
        #expect(found.count == 6)
        #expect(found[2].event == .validated(validation))
    }

    @Test func goingOnRepeatsNoStep() throws {
        let folder = try TemporaryDirectory()
        let url = folder.file("metrics.jsonl")
        do {
            let log = try MetricsLog(url, resumingAfter: 0)
            try log.append(entry(0, .started(firstStep: 0, steps: 100)))
            for step in [20, 40, 60] { try log.append(measured(step, 1)) }
        }
        // The last checkpoint was at step 40, and the crash cut a line short.
        try Data(contentsOf: url).appendedForTest("{\"event\":\"st").write(to: url)
        let log = try MetricsLog(url, resumingAfter: 40)
        #expect(log.earlier.map(\.event.step) == [0, 20, 40])
        try log.append(entry(100, .started(firstStep: 40, steps: 100)))
        try log.append(measured(60, 2))
        let steps = try MetricsLog.read(url).compactMap { if case .measured(let step, _) = $0.event { step } else { nil } }
        #expect(steps == [20, 40, 60])
        #expect(try lines(url).count == 5)
    }

    @Test func aNewRunLeavesAnOlderLogAside() throws {
        let folder = try TemporaryDirectory()
        let url = folder.file("metrics.jsonl")
        try MetricsLog(url, resumingAfter: 0).append(measured(20))
        let log = try MetricsLog(url, resumingAfter: 0)
        #expect(log.earlier.isEmpty)
        #expect(try Data(contentsOf: url).isEmpty)
        #expect(try MetricsLog.read(folder.file("metrics.previous.jsonl")) == [measured(20)])
    }

    @Test(arguments: ["nonsense", "{}", "[1]", #"{"event":"step","step":1,"time":0}"#, #"{"event":"dance","step":1,"time":0}"#])
    func damagedLinesAreNamed(line: String) throws {
        let folder = try TemporaryDirectory()
        let url = folder.file("metrics.jsonl")
        try Data("{\"event\":\"started\",\"step\":0,\"steps\":1,\"time\":0}\n\(line)\n".utf8).write(to: url)
        #expect {
            _ = try MetricsLog.read(url)
        } throws: { error in
            if case ReportingError.damagedLog(_, line: 2, _) = error { true } else { false }
        }
        // A run that goes on must not destroy what it cannot read.
        let before = try Data(contentsOf: url)
        #expect(throws: ReportingError.self) { _ = try MetricsLog(url, resumingAfter: 1) }
        #expect(try Data(contentsOf: url) == before)
    }
}

extension Data {
    fileprivate func appendedForTest(_ text: String) -> Data { self + Data(text.utf8) }
}
