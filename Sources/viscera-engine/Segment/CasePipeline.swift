import CommandSupport
import Foundation
import MedicalImaging
import Segmentation
import Torch

/// Runs cases in order. While the network works on one, the next is read and preprocessed and the last one written and measured, as far as
/// the memory allows; the network itself stays on the calling thread.
struct CasePipeline {
    let jobs: [SegmentationJob]
    let settings: CaseSettings
    let segmenter: Segmenter
    let device: Device
    let console: Console

    /// A case whose labels are being written.
    private struct Ending {
        var index: Int
        var result: Background<CaseResult>
        /// The memory that it holds.
        var bytes: Int
    }

    /// What became of each case.
    func run() -> [CaseOutcome] {
        let transcript = CaseTranscript(console, count: jobs.count)
        let room = CaseMemory(limit: segmenter.options.maximumMemory, recipe: settings.recipe)
        let cases = jobs.enumerated().map { CaseSegmentation(job: $1, index: $0, settings: settings, transcript: transcript) }
        var outcomes: [CaseOutcome] = []
        var ahead: Background<CaseSegmentation.Prepared>?
        var ending: Ending?
        func finishLast() {
            guard let last = ending else { return }
            ending = nil
            outcomes.append(CaseOutcome.of(jobs[last.index]) { try last.result.value() })
        }
        for (index, one) in cases.enumerated() {
            do {
                if ahead == nil, let last = ending, !room.allows([last.bytes, room.toPrepare(one.job)]) { finishLast() }
                let preparation = ahead ?? Background { try one.prepare() }
                ahead = nil
                let prepared = try preparation.value()
                let plan = try segmenter.plan(prepared.volume)
                if let last = ending, !room.allows([last.bytes, plan.peak]) { finishLast() }
                if index + 1 < cases.count, room.allows([ending?.bytes ?? 0, plan.peak, room.toPrepare(cases[index + 1].job)]) {
                    ahead = Background { try cases[index + 1].prepare() }
                }
                let bytes = CaseMemory.toFinish(prepared.volume.grid.count, hasReference: prepared.reference != nil)
                let segmented = try one.segment(prepared, by: segmenter, on: device)
                finishLast()
                let result = Background {
                    defer { transcript.close(index) }
                    return try one.finish(segmented)
                }
                ending = Ending(index: index, result: result, bytes: bytes)
            } catch {
                finishLast()
                outcomes.append(CaseOutcome.of(one.job) { throw error })
                transcript.close(index)
            }
        }
        finishLast()
        return outcomes
    }
}
