import Foundation
import Learning
import MedicalImaging
import Models
import TestSupport
import Testing
import Torch

/// Parameters that are frozen for the first steps (`--freeze-encoder`).
@Suite(.serialized) struct HeldParametersTests {
    private func run(steps: Int, in folder: TemporaryDirectory, checkpointInterval: Int = 1000, stopsAtSave: Bool = false) throws -> [String: [Float]]
    {
        Threads.count = 2
        var network = VisionTransformerConfiguration()
        (network.imageShape, network.hiddenSize, network.mlpSize, network.headCount, network.layerCount) = ([16, 16, 16], 24, 48, 2, 2)
        var configuration = PretrainingConfiguration(network: network)
        (configuration.loop.steps, configuration.loop.epochs, configuration.loop.checkpointInterval) = (steps, nil, checkpointInterval)
        // Each block is a group of its own, so that whole groups are held.
        configuration.loop.layerDecay = 0.8
        configuration.loop.parameterRules = [ParameterRule(prefix: "blocks.", factor: 1, heldSteps: 3)]
        (configuration.volumesPerStep, configuration.cropsPerVolume) = (1, 2)
        let grid = VoxelGrid(shape: SIMD3(20, 20, 20), affine: .diagonal(SIMD3(2, 2, 2)))
        let volume = Volume(grid: grid, voxels: (0..<8000).map { Float(0.5 + 0.5 * sin(Double($0))) })
        let task = try PretrainingTask(configuration, .init(training: [PretrainingVolume(name: "sine", volume)], folder: folder.url))
        let loop = try TrainingLoop(task, folder: folder.url)
        struct Stop: Error {}
        do {
            try loop.run { event in if stopsAtSave, case .saved = event { throw Stop() } }
        } catch is Stop {}
        return try Dictionary(uniqueKeysWithValues: task.parameters.map { ($0.name, try $0.tensor.detached().floats()) })
    }

    @Test func heldParametersMoveFromTheirStepOn() throws {
        let (fresh, held, released) = (try TemporaryDirectory(), try TemporaryDirectory(), try TemporaryDirectory())
        // One step moves nothing that is held, so it gives the starting values.
        let start = try run(steps: 1, in: fresh)
        let three = try run(steps: 3, in: held)
        let four = try run(steps: 4, in: released)
        for name in start.keys where name.hasPrefix("blocks.") {
            #expect(start[name] == three[name], "\(name)")
            #expect(three[name] != four[name], "\(name)")
        }
        #expect(start["norm.weight"] != three["norm.weight"])
    }

    @Test func aRunResumedWhileParametersAreHeldGoesOnBitwise() throws {
        let (one, two) = (try TemporaryDirectory(), try TemporaryDirectory())
        let whole = try run(steps: 5, in: one)
        _ = try run(steps: 5, in: two, checkpointInterval: 2, stopsAtSave: true)
        #expect(try run(steps: 5, in: two) == whole)
    }
}
