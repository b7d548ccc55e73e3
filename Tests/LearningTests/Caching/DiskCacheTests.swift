import Datasets
import Foundation
import Learning
import MedicalImaging
import Synchronization
import TestSupport
import Testing

@Suite struct DiskCacheTests {
    private let cohort: Cohort
    private let folder: TemporaryDirectory
    private let notes = Notes()

    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    init() throws {
        cohort = try Cohort(2)
        folder = try TemporaryDirectory()
    }

    private func cache(_ location: URL? = nil) throws -> SampleCache {
        let place = (location ?? folder.url).path
        return try SampleCache(Cohort.options { ($0.folder, $0.memoryLimit) = (place, 1) }, seed: 1) { [notes] in notes.add($0) }
    }

    private func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil).sorted { $0.path < $1.path }
    }

    /// What is where after reading the cohort, and a batch.
    private func read(_ cache: SampleCache, _ items: [SampleItem]? = nil) throws -> (SampleCache.Summary, [PretrainingSample]) {
        var summary = SampleCache.Summary()
        let configuration = cohort.pretraining
        let store = try cache.training(items ?? cohort.items, PretrainingVolume.reader(configuration.recipe)) { summary = $0 }
        return (summary, try PretrainingSampler(configuration: configuration, volumes: store).batch(at: 3))
    }

    @Test func mappedVolumesTakeNoMemory() throws {
        // A limit of one byte holds nothing: all samples come from the files.
        let (first, batch) = try read(cache())
        #expect(first.mapped == 2 && first.held == 0 && first.onDemand == 0)
        let made = try files()
        #expect(made.count == 2 && made.allSatisfy { $0.pathExtension == "sample" }, "no partial file is left")
        let times = try made.map { try $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate }
        let (_, again) = try read(cache())
        #expect(batch == again)
        #expect(try files().map { try $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate } == times)
        #expect(notes.all.isEmpty)
    }

    enum Damage: CaseIterable { case truncated, flipped, foreign, empty, swapped }

    @Test(arguments: Damage.allCases) func aDamagedFileIsReportedOnceAndMadeAnew(damage: Damage) throws {
        let (_, batch) = try read(cache())
        let victim = try files()[0]
        let whole = try Data(contentsOf: victim)
        var bytes = whole
        switch damage {
        case .truncated: bytes = bytes.prefix(bytes.count / 2)
        case .flipped: bytes[bytes.count / 2] ^= 1
        case .foreign: bytes = Data("not a sample of this cache, but long enough to hold a header and a checksum, or so it seems at first".utf8)
        case .empty: bytes = Data()
        case .swapped: bytes = try Data(contentsOf: files()[1])
        }
        try bytes.write(to: victim)
        let (summary, again) = try read(cache())
        #expect(again == batch)
        #expect(summary.mapped == 2)
        #expect(try Data(contentsOf: victim) == whole, "the file is whole again")
        #expect(notes.all.count == 1 && notes.all[0].contains(victim.lastPathComponent) && notes.all[0].contains("preprocessed again"))
    }

    @Test func aChangedImageOrRecipeIsAnotherSample() throws {
        // The same data in another place is the same sample; labels do not matter here.
        let elsewhere = try TemporaryDirectory()
        for name in ["ct0.nii.gz", "ct1.nii.gz"] {
            try FileManager.default.copyItem(at: cohort.folder.file(name), to: elsewhere.file(name))
            for file in [cohort.folder.file(name), elsewhere.file(name)] {
                try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1.6e9)], ofItemAtPath: file.path)
            }
        }
        _ = try read(cache())
        _ = try read(cache(), SampleItem.items(of: [Datalist(folder: elsewhere.url, items: cohort.list.items)]))
        #expect(try files().count == 2)
        var volume = try ImageFile.read(cohort.folder.file("ct0.nii.gz")).volume
        for index in volume.voxels.indices { volume.voxels[index] += 5 }
        try ImageFile.write(volume, to: cohort.folder.file("ct0.nii.gz"))
        let (_, batch) = try read(cache())
        #expect(try files().count == 3)
        let plain = try SampleCache(CacheOptions(), seed: 1)
        #expect(try read(plain).1 == batch, "the new image is seen, not the old sample")
        var recipe = cohort.pretraining.recipe
        recipe.intensity?.upper = 200
        _ = try cache().training(cohort.items, PretrainingVolume.reader(recipe))
        #expect(try files().count == 5)
    }

    @Test func withoutRoomForFilesTheRunGoesOn() throws {
        let place = folder.file("cache")
        let cache = try cache(place)
        // A file in the place of the folder refuses what a full disk would refuse.
        try FileManager.default.removeItem(at: place)
        try Data().write(to: place)
        let (summary, batch) = try read(cache)
        #expect(summary.mapped == 0 && summary.onDemand == 2)
        #expect(notes.all.count == 1 && notes.all[0].contains("goes on without it"))
        #expect(try read(SampleCache(CacheOptions(), seed: 1)).1 == batch)
        #expect(throws: LearningError.self, "a folder that cannot be made is an error at once") { try self.cache(place.appending(path: "below")) }
    }

    @Test func leftoversOfKilledProcessesGoAfterAnHour() throws {
        let (old, new) = (folder.file(".a.sample.12.partial"), folder.file(".b.sample.34.partial"))
        for file in [old, new] { try Data([1]).write(to: file) }
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: old.path)
        _ = try cache()
        #expect(!FileManager.default.fileExists(atPath: old.path))
        #expect(FileManager.default.fileExists(atPath: new.path), "another process may be writing it")
    }

    @Test func labelsAreCheckedAgainWhenTheListSaysOtherwise() throws {
        let configuration = cohort.training
        _ = try SegmentationSource.load([cohort.list], configuration, cache: cache())
        var items = cohort.list.items
        items[1].labelled = [Organ.spleen.rawValue]
        let error = #expect(throws: LearningError.self) {
            try SegmentationSource.load([Datalist(folder: cohort.folder.url, items: items)], configuration, cache: cache())
        }
        #expect(error?.description.contains("ct1.nii.gz") == true)
    }
}
