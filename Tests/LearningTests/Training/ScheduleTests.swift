import Foundation
import Learning
import Testing

@Suite struct ScheduleTests {
    private func schedule(_ kind: LearningRateSchedule.Kind, _ change: (inout LearningRateSchedule) -> Void = { _ in }) -> LearningRateSchedule {
        var schedule = LearningRateSchedule()
        (schedule.kind, schedule.peak, schedule.warmUpSteps) = (kind, 1e-3, 0)
        change(&schedule)
        return schedule
    }

    /// PyTorch 2.11 `StepLR(step_size=4, gamma=0.1)` from 1e-3.
    @Test func stepsDownAsPyTorchDoes() {
        let stepping = schedule(.step) { ($0.interval, $0.factor) = (4, 0.1) }
        let expected = [1e-3, 1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-4, 1e-4, 1e-5, 1e-5, 1e-5, 1e-5, 1e-6]
        for (step, rate) in expected.enumerated() { #expect(abs(stepping.rate(at: step, of: 100) - rate) < 1e-15) }
    }

    @Test func warmsUpThenFollowsACosine() {
        let cosine = schedule(.cosine) { ($0.warmUpSteps, $0.floorShare) = (10, 0.1) }
        #expect(abs(cosine.rate(at: 0, of: 110) - 1e-4) < 1e-15)
        #expect(abs(cosine.rate(at: 9, of: 110) - 1e-3) < 1e-15)
        #expect(abs(cosine.rate(at: 60, of: 110) - 1e-3 * (0.1 + 0.9 * 0.5)) < 1e-12)
        #expect(abs(cosine.rate(at: 110, of: 110) - 1e-4) < 1e-15)
    }

    @Test func staysThenDecaysLinearly() {
        let stable = schedule(.stableDecay) { ($0.decayShare, $0.floorShare, $0.warmUpSteps) = (0.25, 0.2, 4) }
        #expect(abs(stable.rate(at: 1, of: 100) - 5e-4) < 1e-15)
        #expect(stable.rate(at: 50, of: 100) == 1e-3)
        #expect(stable.rate(at: 75, of: 100) == 1e-3)
        #expect(abs(stable.rate(at: 80, of: 100) - 1e-3 * (1 - 0.8 * 0.2)) < 1e-12)
        #expect(abs(stable.rate(at: 100, of: 100) - 2e-4) < 1e-12)
    }

    @Test func aPlateauReducesAndAConstantStays() {
        #expect(abs(schedule(.plateau) { $0.factor = 0.5 }.rate(at: 7, of: 9, reductions: 2) - 2.5e-4) < 1e-15)
        #expect(LearningRateSchedule.constant(3e-4).rate(at: 8, of: 9) == 3e-4)
    }

    @Test func aBadValueNamesItsKey() {
        let bad = schedule(.step) { $0.interval = 0 }
        #expect(throws: LearningError.configuration(keyPath: "schedule.interval", reason: "expected at least 1, found 0")) { try bad.validate() }
    }
}
