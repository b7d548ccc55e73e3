import Foundation
import Learning
import TestSupport
import Testing
import Torch
import Weights

@Suite(.serialized) struct CheckpointTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    private var latest: URL { folder.file("checkpoint.safetensors") }
    private var previous: URL { folder.file("checkpoint-previous.safetensors") }

    private func loop(_ task: ToyTask, steps: Int = 9) throws -> TrainingLoop<ToyTask> {
        var options = LoopOptions.plain(steps: steps)
        options.checkpointInterval = 3
        return try TrainingLoop(task: task, options: options, folder: folder.url, identity: "toy")
    }

    /// The values of a run that nothing happened to.
    private func undisturbed() throws -> [Float] {
        let other = try TemporaryDirectory()
        let task = try ToyTask()
        try TrainingLoop(task: task, options: .plain(steps: 9), folder: other.url, identity: "toy").run { _ in }
        return try task.values()
    }

    /// Trains to step 6: the latest checkpoint is of step 6, the one before of step 3.
    private func train() throws { try loop(ToyTask(), steps: 6).run { _ in } }

    @Test func theOneBeforeIsKept() throws {
        try loop(ToyTask(), steps: 3).run { _ in }
        #expect(!FileManager.default.fileExists(atPath: previous.path))
        let first = try Data(contentsOf: latest)
        try train()
        #expect(try Data(contentsOf: previous) == first)
        #expect(try Data(contentsOf: latest) != first)
    }

    @Test(arguments: [0.0, 0.4, 0.999]) func aTruncatedCheckpointIsRecoveredFrom(share: Double) throws {
        try train()
        let whole = try Data(contentsOf: latest)
        try whole.prefix(Int(Double(whole.count) * share)).write(to: latest)
        try expectRecovery("is damaged")
    }

    @Test func everyFlippedByteIsNoticed() throws {
        try train()
        let whole = try Data(contentsOf: latest)
        try FileManager.default.removeItem(at: previous)
        for place in whole.indices {
            var spoilt = whole
            spoilt[place] ^= 0x01
            try spoilt.write(to: latest)
            let error = #expect(throws: LearningError.self, "byte \(place)") { try loop(ToyTask()) }
            #expect(error?.description.contains("is damaged") == true, "byte \(place)")
        }
    }

    @Test func aFlippedByteIsRecoveredFrom() throws {
        try train()
        var spoilt = try Data(contentsOf: latest)
        spoilt[spoilt.count - 5] ^= 0x10
        try spoilt.write(to: latest)
        try expectRecovery("its checksum is wrong")
    }

    private func expectRecovery(_ message: String) throws {
        let task = try ToyTask()
        let resumed = try loop(task)
        #expect(resumed.state.step == 3)
        var told: [String] = []
        try resumed.run { event in if case .recovered(3, let reason) = event { told.append(reason) } }
        #expect(told.count == 1 && told[0].contains(message) && told[0].contains("of step 3"))
        #expect(try task.values() == undisturbed())
    }

    @Test func twoDamagedCheckpointsAreRefused() throws {
        try train()
        for file in [latest, previous] { try Data("{}".utf8).write(to: file) }
        let error = #expect(throws: LearningError.self) { try loop(ToyTask()) }
        #expect(error?.description.contains("remove it to start again") == true)
        // What the message asks for works, and the damaged one before does not come back.
        try FileManager.default.removeItem(at: latest)
        let task = try ToyTask()
        try loop(task).run { _ in }
        #expect(try task.values() == undisturbed())
    }

    @Test func anotherConfigurationIsNoDamage() throws {
        try train()
        var options = LoopOptions.plain(steps: 9)
        options.schedule.peak = 0.2
        #expect { try TrainingLoop(task: ToyTask(), options: options, folder: folder.url, identity: "toy") } throws: {
            "\($0)".contains("schedule.peak")
        }
    }

    @Test func halfWrittenFilesAreRemoved() throws {
        try train()
        let leftover = folder.file(".checkpoint.safetensors.0B5C.part")
        try Data(contentsOf: latest).prefix(100).write(to: leftover)
        try Data("mine".utf8).write(to: folder.file(".notes.part"))
        let task = try ToyTask()
        let resumed = try loop(task)
        #expect(resumed.state.step == 6)
        try resumed.run { _ in }
        #expect(try task.values() == undisturbed())
        #expect(!FileManager.default.fileExists(atPath: leftover.path))
        #expect(FileManager.default.fileExists(atPath: folder.file(".notes.part").path))
    }

    /// A checkpoint without a checksum is one of an earlier version.
    @Test func earlierCheckpointsAreStillRead() throws {
        try train()
        var stored = try WeightFile.readSafetensors(latest)
        #expect(stored.metadata["checksum"] != nil)
        stored.metadata["checksum"] = nil
        try WeightFile.writeSafetensors(stored, to: latest)
        #expect(try loop(ToyTask()).state.step == 6)
    }
}
