import Datasets
import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct CheckTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func grid(_ shape: SIMD3<Int> = SIMD3(12, 10, 8), shift: Double = 0) -> VoxelGrid {
        let affine = Affine(columns: SIMD3(-1.5, 0, 0), SIMD3(0, -1.5, 0), SIMD3(0, 0, 4), translation: SIMD3(9 + shift, 7, -3))
        return VoxelGrid(shape: shape, affine: affine)
    }

    /// Air with a block of tissue of `intensity`.
    private func image(_ name: String, intensity: Float = 40) throws {
        var volume = Volume<Float>(grid: grid(), repeating: -1000)
        for k in 2..<6 { for j in 2..<8 { for i in 2..<10 { volume[i, j, k] = intensity + Float(i) } } }
        try ImageFile.write(volume, to: folder.file(name))
    }

    private func labels(_ name: String, value: UInt8 = 6, grid: VoxelGrid? = nil) throws {
        var labels = LabelMap(grid: grid ?? self.grid(), repeating: 0)
        labels[3, 3, 3] = value
        try ImageFile.write(labels, to: folder.file(name))
    }

    private func report(_ list: String, change: (inout DatasetCheck.Options) -> Void = { _ in }) throws -> DatasetReport {
        let url = folder.file("list.json")
        try Data(list.utf8).write(to: url)
        var options = DatasetCheck.Options()
        change(&options)
        return try DatasetCheck(DatalistFile(contentsOf: url), options: options).run()
    }

    @Test func aSoundDataSetIsMeasured() throws {
        try image("a.nii.gz")
        try image("b.nii.gz", intensity: 60)
        try labels("la.nii.gz")
        try labels("lb.nii.gz", value: 1)
        let report = try report(
            #"{"training": [{"image": "a.nii.gz", "label": "la.nii.gz"}], "validation": [{"image": "b.nii.gz", "label": "lb.nii.gz"}]}"#)
        #expect(report.problems.isEmpty, "\(report.problems)")
        #expect(report.cases.map(\.shape) == [[12, 10, 8], [12, 10, 8]])
        #expect(report.cases.map(\.labels) == [[6], [1]])
        #expect(report.cases[0].labelVoxels == ["0": 959, "6": 1])
        #expect(report.cases[0].range == [-1000, 49])
        // 192 of 960 voxels are tissue: the median is air, the 95th percentile tissue.
        #expect(report.cases[0].percentiles[2] == -1000 && report.cases[0].percentiles[3] >= 42)
        #expect(report.intensities?.histogram.reduce(0, +) == 1920)
        #expect(report.memory.training == 2 * 960 * 3)
        // 12 × 10 × 8 voxels of 1.5 × 1.5 × 4 mm are 12 × 10 × 15 of 2 mm depth.
        #expect(report.memory.cache == 2 * 12 * 10 * 15 * 5)
    }

    @Test func everyProblemNamesFilePlaceAndRemedy() throws {
        try image("a.nii.gz")
        try image("copy.nii")
        try image("nan.nii.gz", intensity: .nan)
        for name in ["la.nii.gz", "lnan.nii.gz"] { try labels(name) }
        try labels("stranger.nii.gz", value: 99)
        try labels("small.nii.gz", grid: grid(SIMD3(12, 10, 7)))
        try labels("moved.nii.gz", grid: grid(shift: 3))
        var half = Volume<Float>(grid: grid(), repeating: 0)
        half[1, 1, 1] = 0.5
        try ImageFile.write(half, to: folder.file("half.nii.gz"))
        try Data("no image".utf8).write(to: folder.file("broken.nii.gz"))
        let report = try report(
            #"""
            {"training": [
              {"image": "a.nii.gz", "label": "la.nii.gz"}, {"image": "copy.nii", "label": "stranger.nii.gz"}, {"image": "missing.nii.gz"},
              {"image": "broken.nii.gz"}, {"image": "nan.nii.gz", "label": "lnan.nii.gz"}, {"image": "a.nii.gz", "label": "small.nii.gz"},
              {"image": "a.nii.gz", "label": "moved.nii.gz"}, {"image": "a.nii.gz", "label": "half.nii.gz"}]}
            """#)
        func found(_ kind: DatasetProblem.Kind, _ keyPath: String, _ fragment: String) -> Bool {
            report.errors.contains { $0.kind == kind && $0.keyPath == keyPath && $0.message.contains(fragment) && !$0.remedy.isEmpty }
        }
        #expect(found(.duplicate, "training[1].image", "same voxels"))
        #expect(found(.labelValue, "training[1].label", "99"))
        #expect(found(.unreadable, "training[2].image", "missing.nii.gz"))
        #expect(found(.unreadable, "training[3].image", "broken.nii.gz"))
        #expect(found(.notFinite, "training[4].image", "not a number"))
        #expect(found(.grid, "training[5].label", "12 × 10 × 7"))
        #expect(found(.grid, "training[6].label", "3.0 mm"))
        #expect(found(.labelValue, "training[7].label", "0.5"))
        for index in 5...7 { #expect(found(.duplicate, "training[\(index)].image", "listed already at training[0]")) }
        #expect(report.errors.count == 11, "\(report.errors.map(\.description).joined(separator: "\n"))")
        #expect(report.cases.count == 6)
    }

    @Test func labelsInAnotherAxisOrderLieOnTheGridOfTheirImage() throws {
        try image("a.nii.gz")
        let affine = grid().affine
        let turned = VoxelGrid(
            shape: SIMD3(10, 8, 12), affine: Affine(columns: affine.columns[1], affine.columns[2], affine.columns[0], translation: affine.translation)
        )
        try labels("la.nii.gz", grid: turned)
        let report = try report(#"{"training": [{"image": "a.nii.gz", "label": "la.nii.gz"}]}"#)
        #expect(report.problems.isEmpty, "\(report.problems)")
        #expect(report.cases[0].labelVoxels == ["0": 959, "6": 1])
    }

    @Test func labelsOfTheListAndOfTheItemCount() throws {
        try image("a.nii.gz")
        try labels("la.nii.gz", value: 77)
        let named = try report(#"{"labels": {"0": "background", "77": "spine"}, "training": [{"image": "a.nii.gz", "label": "la.nii.gz"}]}"#)
        #expect(named.problems.isEmpty)
        #expect(named.labels.last?.name == "spine")
        let drawn = try report(#"{"training": [{"image": "a.nii.gz", "label": "la.nii.gz", "labelled": [1, 2]}]}"#)
        #expect(drawn.errors.map(\.kind) == [.labelValue])
    }

    @Test func theIgnoredLabelMayBeAnywhereAndIsNoOrgan() throws {
        try image("a.nii.gz")
        try labels("la.nii.gz", value: 255)
        let list = #"{"training": [{"image": "a.nii.gz", "label": "la.nii.gz", "labelled": [1, 2]}]}"#
        #expect(try report(list).errors.map(\.kind) == [.labelValue])
        let ignoring = try report(list) { $0.ignoredLabel = 255 }
        #expect(ignoring.errors.isEmpty)
        #expect(ignoring.problems.map(\.message) == ["holds background only"])
    }

    @Test func patientsInSeveralSectionsAreAnErrorUnlessAccepted() throws {
        try image("volume-covid19-A-0001_day000.nii.gz")
        try image("volume-covid19-A-0001_day007.nii.gz", intensity: 50)
        let list = #"{"training": ["volume-covid19-A-0001_day000.nii.gz"], "validation": ["volume-covid19-A-0001_day007.nii.gz"]}"#
        let strict = try report(list)
        #expect(strict.sharedPatients == ["0001"])
        #expect(strict.errors.map(\.kind) == [.sharedPatient])
        let lenient = try report(list) { $0.allowsSharedPatients = true }
        #expect(lenient.errors.isEmpty && lenient.problems.count == 1)
        #expect(try report(list) { $0.sections = ["validation"] }.problems.isEmpty)
    }

    @Test func percentilesAreThoseOfTheSortedValues() {
        let values = (1...1000).map { Float($0) }
        let histogram = IntensityHistogram(values.shuffled())
        for (share, expected) in [(0.0, 1), (0.005, 5), (0.5, 500), (0.95, 950), (1.0, 1000)] { #expect(histogram.percentile(share) == expected) }
        #expect(IntensityHistogram().percentile(0.5) == nil)
        #expect(IntensityHistogram([-9000, 9000, .nan]).total == 2)
    }
}
