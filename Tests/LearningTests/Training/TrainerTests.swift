import Foundation
import Learning
import MedicalImaging
import TestSupport
import Testing
import Torch

@Suite(.serialized) struct TrainerTests {
    /// A small network on 16³ patches of a volume with one bright box labelled liver.
    private func setUp(steps: Int) throws -> (TrainingConfiguration, [TrainingVolume]) {
        var configuration = TrainingConfiguration()
        configuration.network.hiddenSize = 24
        configuration.network.mlpSize = 48
        configuration.network.headCount = 2
        configuration.network.layerCount = 4
        configuration.network.featureSize = 4
        configuration.network.imageShape = [16, 16, 16]
        configuration.patch.shape = [16, 16, 16]
        configuration.patch.spacing = [2, 2, 2]
        configuration.steps = steps
        configuration.batchSize = 2
        configuration.schedule.warmUpSteps = 2
        configuration.logInterval = 5
        configuration.checkpointInterval = 1000
        let grid = VoxelGrid(shape: SIMD3(24, 24, 24), affine: .diagonal(SIMD3(2, 2, 2)))
        var image = Volume<Float>(grid: grid, repeating: -100)
        var labels = LabelMap(grid: grid, repeating: 0)
        for k in 6..<18 {
            for j in 6..<18 {
                for i in 6..<18 {
                    image[i, j, k] = 120
                    labels[i, j, k] = Organ.liver.rawValue
                }
            }
        }
        return (configuration, [try TrainingVolume(name: "box", image: image, labels: labels, labelled: [Organ.liver.rawValue])])
    }

    private func weights(_ trainer: Trainer) throws -> [[Float]] { try trainer.averagedWeights.map { try $0.tensor.floats() } }

    @Test func theLossFalls() throws {
        Threads.count = 2
        let folder = try TemporaryDirectory()
        let (configuration, volumes) = try setUp(steps: 40)
        var losses: [Float] = []
        try Trainer(configuration: configuration, volumes: volumes, folder: folder.url).run { event in
            if case .progressed(let summary) = event { losses.append(summary.loss) }
        }
        #expect(losses.count == 8)
        #expect(losses.last! < 0.9 * losses.first!)
    }

    @Test func aResumedRunEqualsAnUninterruptedOneBitwise() throws {
        Threads.count = 2
        let (whole, volumes) = try setUp(steps: 8)
        let one = try TemporaryDirectory()
        let uninterrupted = try Trainer(configuration: whole, volumes: volumes, folder: one.url)
        try uninterrupted.run { _ in }

        let two = try TemporaryDirectory()
        var interrupting = whole
        interrupting.checkpointInterval = 3
        let first = try Trainer(configuration: interrupting, volumes: volumes, folder: two.url)
        // Stop the run where it saves for the first time, as a kill right after that checkpoint would.
        struct Stop: Error {}
        #expect(throws: Stop.self) { try first.run { event in if case .saved = event { throw Stop() } } }
        let resumed = try Trainer(configuration: whole, volumes: volumes, folder: two.url)
        try resumed.run { _ in }
        #expect(try weights(resumed) == weights(uninterrupted))
    }

    @Test func aDamagedCheckpointIsRefusedByName() throws {
        let folder = try TemporaryDirectory()
        try Data("no checkpoint".utf8).write(to: folder.file("checkpoint.safetensors"))
        let (configuration, volumes) = try setUp(steps: 1)
        let error = #expect(throws: LearningError.self) { try Trainer(configuration: configuration, volumes: volumes, folder: folder.url) }
        #expect(error?.description.contains("checkpoint.safetensors") == true)
    }

    @Test func aCheckpointOfAnotherConfigurationIsRefused() throws {
        let folder = try TemporaryDirectory()
        let (configuration, volumes) = try setUp(steps: 1)
        try Trainer(configuration: configuration, volumes: volumes, folder: folder.url).run { _ in }
        var other = configuration
        other.seed = 7
        let error = #expect(throws: LearningError.self) { try Trainer(configuration: other, volumes: volumes, folder: folder.url) }
        #expect(error?.description.contains("another configuration") == true)
    }

    @Test func aBadConfigurationNamesItsKey() throws {
        var (configuration, volumes) = try setUp(steps: 1)
        configuration.batchSize = 0
        let folder = try TemporaryDirectory()
        #expect(throws: LearningError.configuration(keyPath: "batchSize", reason: "expected at least 1, found 0")) {
            try Trainer(configuration: configuration, volumes: volumes, folder: folder.url)
        }
    }
}
