import Datasets
import Foundation
import Learning
import MedicalImaging
import Synchronization
import TestSupport
import Testing

@Suite struct SampleStoreTests {
    private let cohort: Cohort

    init() throws { cohort = try Cohort(5) }

    /// Batches of several steps and across the end of an epoch.
    private static let steps = [0, 1, 2, 5, 11]

    /// Every way to keep volumes: all in memory, some, none, and mapped from files.
    private func ways(_ folder: TemporaryDirectory) -> [CacheOptions] {
        [
            CacheOptions(), Cohort.options { $0.rate = 0.5 }, Cohort.options { $0.count = 0 }, Cohort.options { $0.memoryLimit = 100_000 },
            Cohort.options { $0.folder = folder.url.path }, Cohort.options { $0.folder = folder.url.path },
        ]
    }

    @Test func preTrainingSeesTheSameHoweverVolumesAreKept() throws {
        let folder = try TemporaryDirectory()
        let configuration = cohort.pretraining
        let batches = try ways(folder).map { options in
            let store = try SampleCache(options, seed: 1).training(cohort.items, PretrainingVolume.reader(configuration.recipe))
            let sampler = try PretrainingSampler(configuration: configuration, volumes: store)
            return try Self.steps.map { try sampler.batch(at: $0) }
        }
        for other in batches.dropFirst() { #expect(other == batches[0]) }
    }

    @Test(arguments: TrainingConfiguration.Recipe.allCases)
    func trainingSeesTheSameHoweverVolumesAreKept(recipe: TrainingConfiguration.Recipe) throws {
        let folder = try TemporaryDirectory()
        var configuration = cohort.training
        configuration.recipe = recipe
        let batches = try ways(folder).map { options in
            let source = try SegmentationSource.load([cohort.list], configuration, cache: SampleCache(options, seed: 1))
            return try Self.steps.map { try source.batch(at: $0) }
        }
        for other in batches.dropFirst() { #expect(other == batches[0]) }
    }

    /// The axes of a label map may be stored in another order and direction than those of its image, as tools that rewrite only one of them leave it.
    @Test(arguments: TrainingConfiguration.Recipe.allCases)
    func labelsInAnotherAxisOrderAreTheSameLabels(recipe: TrainingConfiguration.Recipe) throws {
        var configuration = cohort.training
        configuration.recipe = recipe
        func batches() throws -> [SegmentationSource.Batch] {
            let source = try SegmentationSource.load([cohort.list], configuration, cache: SampleCache(CacheOptions(), seed: 1))
            return try Self.steps.map { try source.batch(at: $0) }
        }
        let expected = try batches()
        for number in 0..<5 {
            let file = cohort.folder.file("labels\(number).nii.gz")
            try ImageFile.write(Self.turned(ImageFile.readLabels(file).labels), to: file)
        }
        #expect(try batches() == expected)
    }

    /// The network's channels say which labels there are, for training and validation alike.
    @Test(arguments: TrainingConfiguration.Recipe.allCases) func labelsGoAsFarAsTheChannels(recipe: TrainingConfiguration.Recipe) throws {
        let cohort = try Cohort(1, label: 17)
        var configuration = cohort.training
        configuration.recipe = recipe
        func load() throws {
            let cache = try SampleCache(CacheOptions(), seed: 1)
            let reader = ValidationCase.reader(configuration.preprocessing, channels: configuration.network.outChannels)
            _ = try cache.validation(cohort.items, reader)
            let patch = try #require(SegmentationSource.load([cohort.list], configuration, cache: cache).batch(at: 0).first)
            #expect(patch.labels.allSatisfy { $0 == 0 || $0 == 17 })
        }
        configuration.network.outChannels = 18
        try load()
        configuration.network.outChannels = 17
        #expect(throws: LearningError.self) { try load() }
        #expect { try SegmentationSource.load([cohort.list], configuration, cache: SampleCache(CacheOptions(), seed: 1)) } throws: {
            "\($0)".contains("label 17, the network has 17 channels, for labels 0 to 16")
        }
        // Without a list of what was drawn, the label map itself tells.
        let unlisted = Datalist(folder: cohort.folder.url, items: [DatalistItem(image: "ct0.nii.gz", label: "labels0.nii.gz")])
        #expect { try SegmentationSource.load([unlisted], configuration, cache: SampleCache(CacheOptions(), seed: 1)) } throws: {
            "\($0)".contains("holds the value 17") && "\($0)".contains("network.outChannels")
        }
    }

    /// A header may place labels a little beside their image; up to a tenth of a voxel they are taken as they lie, wherever they are read.
    @Test(arguments: TrainingConfiguration.Recipe.allCases)
    func labelsATwentiethOfAVoxelAsideAreTheSameLabels(recipe: TrainingConfiguration.Recipe) throws {
        var configuration = cohort.training
        configuration.recipe = recipe
        func batches() throws -> [SegmentationSource.Batch] {
            let cache = try SampleCache(CacheOptions(), seed: 1)
            _ = try cache.validation(cohort.items, ValidationCase.reader(configuration.preprocessing))
            let source = try SegmentationSource.load([cohort.list], configuration, cache: cache)
            return try Self.steps.map { try source.batch(at: $0) }
        }
        let expected = try batches()
        for number in 0..<5 {
            let file = cohort.folder.file("labels\(number).nii.gz")
            var labels = try ImageFile.readLabels(file).labels
            labels.grid.affine.translation += SIMD3(0.1, 0, 0)
            try ImageFile.write(labels, to: file)
        }
        #expect(try batches() == expected)
    }

    /// The same labels, stored with j as the fastest axis, then k, then i backwards.
    private static func turned(_ labels: LabelMap) -> LabelMap {
        let (shape, affine) = (labels.grid.shape, labels.grid.affine)
        let columns = affine.columns
        let start = affine(SIMD3(Double(shape.x - 1), 0, 0))
        let grid = VoxelGrid(
            shape: SIMD3(shape.y, shape.z, shape.x), affine: Affine(columns: columns[1], columns[2], -columns[0], translation: start))
        var turned = LabelMap(grid: grid, repeating: 0)
        for i in 0..<shape.x {
            for j in 0..<shape.y {
                for k in 0..<shape.z { turned[j, k, shape.x - 1 - i] = labels[i, j, k] }
            }
        }
        return turned
    }

    @Test func asManyAreHeldAsFit() throws {
        func summary(_ options: CacheOptions) throws -> SampleCache.Summary {
            var summary = SampleCache.Summary()
            _ = try SampleCache(options, seed: 1).training(cohort.items, PretrainingVolume.reader(cohort.pretraining.recipe)) { summary = $0 }
            return summary
        }
        let all = try summary(CacheOptions())
        #expect(all.held == 5 && all.onDemand == 0)
        let one = all.heldBytes / 5
        let limited = try summary(Cohort.options { $0.memoryLimit = 3 * one + one / 2 })
        #expect(limited.held == 3 && limited.onDemand == 2 && limited.refused == 2)
        #expect(limited.heldBytes <= 3 * one + one / 2, "the limit is never exceeded")
        #expect(limited.text(section: "training").contains("2 read when needed as memory does not hold more"))
        let chosen = try summary(Cohort.options { $0.rate = 0.4 })
        #expect(chosen.held == 2 && chosen.onDemand == 3 && chosen.refused == 0)
    }

    /// Files are read several at a time; the error is that of the first in the list, whichever was read first.
    @Test func theFirstItemThatCannotBeReadIsNamed() throws {
        for number in [1, 3, 4] { try Data("no image".utf8).write(to: cohort.folder.file("ct\(number).nii.gz")) }
        for _ in 0..<5 {
            var read = 0
            #expect {
                _ = try SampleCache(CacheOptions(), seed: 1).training(cohort.items, PretrainingVolume.reader(cohort.pretraining.recipe)) {
                    read = $0.count
                }
            } throws: {
                "\($0)".contains("ct1.nii.gz")
            }
            #expect(read == 1)
        }
    }

    @Test func coresAndMemoryBoundHowManyAreReadAtATime() throws {
        func concurrency(processes: Int = 1, cores: Int, free: Int) -> Int {
            ItemReading<PretrainingVolume>.concurrency(of: cohort.items, processes: processes, cores: cores, free: free)
        }
        #expect(concurrency(cores: 8, free: 1 << 40) == 8)
        #expect(concurrency(cores: 8, free: 0) == 1)
        #expect(concurrency(processes: 4, cores: 8, free: 1 << 40) == 2)
        #expect(concurrency(processes: 4, cores: 2, free: 1 << 40) == 1)
        let largest =
            try (0..<5).map { number in
                try ["ct\(number).nii.gz", "labels\(number).nii.gz"].reduce(0) { try $0 + Data(contentsOf: cohort.folder.file($1)).count }
            }.max() ?? 0
        // A quarter of the memory, at 20 bytes a byte of the largest files.
        #expect(concurrency(cores: 8, free: largest * 20 * 4 * 3) == 3)
    }

    @Test func aMovingPoolHoldsItselfAndItsNextMembers() throws {
        let options = Cohort.options { ($0.count, $0.replaceRate) = (2, 0.5) }
        var configuration = cohort.pretraining
        configuration.volumesPerStep = 1
        let reader = PretrainingVolume.reader(configuration.recipe)
        let store = try SampleCache(options, seed: 9).training(cohort.items, reader)
        let sampler = try PretrainingSampler(configuration: configuration, volumes: store)
        #expect(sampler.batchesPerEpoch == 2, "an epoch shows the pool")
        #expect(store.heldCount == 3)
        for step in 0..<12 {
            let members = store.pool.members(of: step / 2)
            #expect(sampler.volumeIndices(at: step).allSatisfy(members.contains))
            _ = try sampler.batch(at: step)
            #expect(store.heldCount <= 3)
        }
        // A run that starts in the middle sees what the other one saw there.
        let late = try PretrainingSampler(configuration: configuration, volumes: SampleCache(options, seed: 9).training(cohort.items, reader))
        #expect(try late.batch(at: 9) == sampler.batch(at: 9))
        #expect(try late.batch(at: 2) == sampler.batch(at: 2), "steps that come late are served, too")
    }

    @Test func aMovingPoolThatDoesNotFitIsRefused() throws {
        let options = Cohort.options { ($0.count, $0.replaceRate, $0.memoryLimit) = (3, 0.5, 50_000) }
        let error = #expect(throws: LearningError.self) {
            try SampleCache(options, seed: 9).training(cohort.items, PretrainingVolume.reader(cohort.pretraining.recipe))
        }
        guard case .memory(let needed, let limit, let volumes, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(limit == 50_000 && volumes == 5 && needed > limit)
    }

    @Test func aVolumeThatIsNotHeldIsCheckedBeforeTheFirstStep() throws {
        try ImageFile.write(
            LabelMap(grid: VoxelGrid(shape: SIMD3(26, 24, 22), affine: .diagonal(SIMD3(2, 2, 2))), repeating: 99),
            to: cohort.folder.file("labels4.nii.gz"))
        let error = #expect(throws: LearningError.self) {
            try SegmentationSource.load([cohort.list], cohort.training, cache: SampleCache(Cohort.options { $0.count = 0 }, seed: 1))
        }
        #expect(error?.description.contains("ct4.nii.gz") == true && error?.description.contains("99") == true)
    }

    @Test func aFileThatVanishesIsNamedAtItsStep() throws {
        let source = try SegmentationSource.load(
            [cohort.list], cohort.training, cache: SampleCache(Cohort.options { $0.count = 0 }, seed: 1))
        for number in 0..<5 { try FileManager.default.removeItem(at: cohort.folder.file("ct\(number).nii.gz")) }
        let error = #expect(throws: ImageError.self) { try source.batch(at: 0) }
        #expect(error?.description.contains(".nii.gz") == true)
    }

    /// What is wrong with a case, and what its message must say.
    private static let faults: [(name: String, phrase: String)] = [
        ("air", "no voxel has an intensity above -175.0 HU"), ("elsewhere", "lies elsewhere"), ("shape", "26 × 24 × 22"), ("unlisted", "\"label\""),
    ]

    @Test(arguments: ["air", "elsewhere", "shape", "unlisted"], TrainingConfiguration.Recipe.allCases)
    func aCaseThatCannotBeUsedIsNamed(fault: String, recipe: TrainingConfiguration.Recipe) throws {
        let (image, labels) = (cohort.folder.file("ct3.nii.gz"), cohort.folder.file("labels3.nii.gz"))
        let grid = VoxelGrid(shape: SIMD3(26, 24, 22), affine: .diagonal(SIMD3(2, 2, 2)))
        var items = cohort.list.items
        switch fault {
        case "air": try ImageFile.write(Volume<Float>(grid: grid, repeating: -1000), to: image)
        case "elsewhere":
            var moved = grid
            moved.affine.translation = SIMD3(10, 0, 0)
            try ImageFile.write(LabelMap(grid: moved, repeating: 0), to: labels)
        case "shape":
            try ImageFile.write(LabelMap(grid: VoxelGrid(shape: SIMD3(26, 24, 21), affine: grid.affine), repeating: 0), to: labels)
        default: items[3].label = nil
        }
        var configuration = cohort.training
        configuration.recipe = recipe
        let error = #expect(throws: LearningError.self) {
            try SegmentationSource.load(
                [Datalist(folder: cohort.folder.url, items: items)], configuration, cache: SampleCache(CacheOptions(), seed: 1))
        }
        let phrase = Self.faults.first { $0.name == fault }!.phrase
        #expect(error?.description.contains("ct3.nii.gz") == true && error?.description.contains(phrase) == true, "\(String(describing: error))")
    }

    @Test(arguments: TrainingConfiguration.Recipe.allCases)
    func labelMapsOfBackgroundAloneAreTold(recipe: TrainingConfiguration.Recipe) throws {
        var configuration = cohort.training
        configuration.recipe = recipe
        func empty(_ numbers: Range<Int>) throws {
            let grid = VoxelGrid(shape: SIMD3(26, 24, 22), affine: .diagonal(SIMD3(2, 2, 2)))
            for number in numbers { try ImageFile.write(LabelMap(grid: grid, repeating: 0), to: cohort.folder.file("labels\(number).nii.gz")) }
        }
        func load() throws -> SampleCache.Summary {
            var summary = SampleCache.Summary()
            _ = try SegmentationSource.load([cohort.list], configuration, cache: SampleCache(CacheOptions(), seed: 1)) { summary = $0 }
            return summary
        }
        try empty(0..<2)
        #expect(try load().text(section: "training").hasSuffix("; 2 without a single labelled voxel"), "organs may be absent from a case")
        try empty(2..<5)
        let error = #expect(throws: LearningError.self) { try load() }
        #expect(error?.description.contains("single labelled voxel") == true)
    }
}
