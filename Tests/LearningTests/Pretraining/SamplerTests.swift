import Datasets
import Foundation
import Learning
import MedicalImaging
import Models
import TestSupport
import Testing

@Suite struct SamplerTests {
    private func configuration() -> PretrainingConfiguration {
        var network = VisionTransformerConfiguration()
        network.imageShape = [32, 32, 32]
        var configuration = PretrainingConfiguration(network: network)
        configuration.volumesPerStep = 2
        return configuration
    }

    /// Volumes whose voxel (x, y, z) holds (x + 40 y + 1600 z) / 65535, exactly what the cache can hold.
    private func volumes(_ count: Int) -> [PretrainingVolume] {
        (0..<count).map { number in
            let grid = VoxelGrid(shape: SIMD3(40, 38, 36), affine: .diagonal(SIMD3(2, 2, 2)))
            var volume = Volume<Float>(grid: grid, repeating: 0)
            for k in 0..<36 { for j in 0..<38 { for i in 0..<40 { volume[i, j, k] = Float(i + 40 * j + 1600 * k) / 65535 } } }
            return PretrainingVolume(name: "volume \(number)", volume)
        }
    }

    @Test func cropsHoldTheVoxelsOfTheirPlace() {
        let volume = volumes(1)[0]
        #expect(volume.byteCount == 40 * 38 * 36 * 2)
        let crop = volume.crop(at: SIMD3(3, 5, 2), size: SIMD3(4, 6, 8))
        for (x, y, z) in [(0, 0, 0), (3, 5, 7), (1, 4, 2)] {
            // The value is scaled by 1/65535 in single precision.
            #expect(abs(crop.voxels[crop.index(x, y, z)] * 65535 - Float(x + 3 + 40 * (y + 5) + 1600 * (z + 2))) < 0.01)
        }
        let mirrored = crop.flipped(SIMD3(1, 0, 1))
        #expect(mirrored.voxels[mirrored.index(0, 2, 7)] == crop.voxels[crop.index(3, 2, 0)])
        #expect(mirrored.flipped(SIMD3(1, 0, 1)) == crop)
    }

    @Test func aStepDependsOnSeedAndStepAlone() throws {
        let sampler = try PretrainingSampler(configuration: configuration(), volumes: volumes(3))
        let samples = try sampler.batch(at: 5)
        #expect(samples.count == 4)
        #expect(samples.allSatisfy { $0.views.count == 2 && $0.clean.shape == SIMD3(32, 32, 32) && $0.weights.isEmpty })
        #expect(try samples == sampler.batch(at: 5))
        #expect(try samples != sampler.batch(at: 6))
        #expect(try sampler.validationSamples(of: 1) == sampler.validationSamples(of: 1))
        #expect(try sampler.validationSamples(of: 0) != sampler.validationSamples(of: 1))
    }

    @Test func everyVolumeComesOnceInEachRound() throws {
        let sampler = try PretrainingSampler(configuration: configuration(), volumes: volumes(6))
        let rounds = (0..<9).flatMap { sampler.volumeIndices(at: $0) }
        for round in 0..<3 { #expect(rounds[round * 6..<round * 6 + 6].sorted() == Array(0..<6)) }
        #expect(rounds[0..<6] != rounds[6..<12])
    }

    @Test func maskedSamplesHideTheirShareOfTokens() throws {
        var configuration = configuration()
        configuration.objective.kind = .masked
        configuration.objective.maskedShare = 0.5
        let sample = try PretrainingSampler(configuration: configuration, volumes: volumes(1)).batch(at: 0)[0]
        #expect(sample.views.count == 1)
        #expect(sample.weights.reduce(0, +) == 4 * 4096)
        let mean = Float(sample.clean.voxels.reduce(0) { $0 + Double($1) } / 32768)
        for (index, weight) in sample.weights.enumerated() {
            #expect(sample.views[0].voxels[index] == (weight == 1 ? mean : sample.clean.voxels[index]))
        }
    }

    @Test func aVolumeSmallerThanACropIsNamed() {
        let small = PretrainingVolume(
            name: "small.nii", Volume<Float>(grid: VoxelGrid(shape: SIMD3(8, 40, 40), affine: .diagonal(SIMD3(1, 1, 1))), repeating: 0))
        let error = #expect(throws: LearningError.self) { _ = try PretrainingSampler(configuration: configuration(), volumes: [small]) }
        #expect(error?.description.contains("small.nii") == true)
    }

    @Test func aVolumeWithoutForegroundIsNamed() throws {
        let folder = try TemporaryDirectory()
        let grid = VoxelGrid(shape: SIMD3(20, 20, 20), affine: .diagonal(SIMD3(2, 2, 2)))
        try ImageFile.write(Volume<Float>(grid: grid, repeating: -1000), to: folder.file("air.nii"))
        try Data(#"{"training": ["air.nii"]}"#.utf8).write(to: folder.file("list.json"))
        let list = try Datalist(contentsOf: folder.file("list.json"))
        let error = #expect(throws: LearningError.self) {
            _ = try SampleCache(CacheOptions(), seed: 1).training(SampleItem.items(of: [list]), PretrainingVolume.reader(configuration().recipe))
        }
        #expect(error?.description.contains("air.nii") == true)
    }

    @Test func whatIsOutOfRangeIsNamedByItsKeyPath() {
        let cases: [(String, (inout PretrainingConfiguration) -> Void)] = [
            ("network.imageShape", { $0.network.imageShape = [30, 32, 32] }), ("recipe.intensity", { $0.recipe.intensity = nil }),
            ("recipe.minimumShape", { $0.recipe.minimumShape = [16, 32, 32] }), ("objective.temperature", { $0.objective.temperature = 0 }),
            ("volumesPerStep", { $0.volumesPerStep = 0 }), ("corruption.cutoutWeights", { $0.corruption.cutoutWeights = [0, 0] }),
        ]
        for (path, change) in cases {
            var configuration = configuration()
            change(&configuration)
            let error = #expect(throws: LearningError.self) { try configuration.validate() }
            #expect(error?.description.contains(path) == true, "\(path)")
        }
    }
}
