import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct DICOMTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    /// Slices at 0, 2.5, … mm with stored values 0…, 100…, ….
    private func stack(_ count: Int = 5) -> [DICOMFixture] { (0..<count).map { DICOMFixture(z: 2.5 * Double($0), value: Int16(100 * $0)) } }

    /// Writes the slices under names whose order is not theirs, and reads the folder.
    private func read(_ slices: [DICOMFixture], series: String? = nil, resamples: Bool = false) throws -> LoadedImage {
        for (index, slice) in slices.enumerated() { try slice.file.write(to: folder.file("\((index * 7 + 3) % 100)-\(index).dcm")) }
        try Data("not an image".utf8).write(to: folder.file("readme.txt"))
        return try ImageFile.read(folder.url, options: ReadOptions(series: series, resamplesUnevenSlices: resamples))
    }

    private func message(_ slices: [DICOMFixture], series: String? = nil) -> String {
        do { return "read: \(try read(slices, series: series).warnings)" } catch { return "\(error)" }
    }

    private let expected = (0..<5).flatMap { slice in (0..<12).map { Float(100 * slice + $0 - 1024) } }

    @Test func slicesAreSortedByPlaceAndRescaled() throws {
        let image = try read(stack().reversed())
        #expect(image.volume.voxels == expected)
        #expect(image.volume.grid.shape == SIMD3(4, 3, 5))
        // LPS to RAS; PixelSpacing names rows first.
        let affine = Affine(columns: SIMD3(-0.7, 0, 0), SIMD3(0, -0.8, 0), SIMD3(0, 0, 2.5), translation: SIMD3(10, 20, 0))
        #expect(image.volume.grid.affine == affine)
        #expect(image.source.format == .dicom)
        #expect(image.source.series == DICOMSeries(identifier: "1.2.3.4", description: "abdomen", modality: "CT", sliceCount: 5))
        #expect(image.warnings.filter { $0.kind != .intensity }.isEmpty)
    }

    @Test func everySliceHasItsOwnRescale() throws {
        var slices = stack()
        (slices[2].slope, slices[2].intercept) = (0.5, -1000)
        let voxels = try read(slices).volume.voxels
        #expect(voxels[12] == expected[12] && voxels[2 * 12 + 4] == 0.5 * 204 - 1000)
    }

    /// GDCM turns 16-bit values with an intercept into 32-bit integers; the values themselves still fit into 16 bits.
    @Test func convertedSlicesTakeSixteenBitsUnlessTheirRescaleIsFractional() throws {
        let target = folder.file("converted").appendingPathExtension("nii")
        for (slope, type) in [(1.0, VoxelType.int16), (0.5, .float32)] {
            var slices = stack()
            for index in slices.indices { slices[index].slope = slope }
            let image = try read(slices)
            try ImageFile.write(image.volume, to: target, like: image.source)
            let again = try ImageFile.read(target)
            #expect(again.volume.voxels == image.volume.voxels)
            #expect(again.source.storedType == type)
            try FileManager.default.removeItem(at: target)
        }
    }

    @Test func theNumberOfSeriesIsNoObstacle() throws {
        var other = (0..<3).map { DICOMFixture(z: 4 * Double($0)) }
        for index in other.indices { (other[index].series, other[index].description) = ("1.2.3.77", "lung") }
        let image = try read(stack() + other)
        #expect(image.volume.voxels == expected)
        #expect(image.warnings.contains { $0.kind == .choice && $0.message.contains("1.2.3.77") && $0.message.contains("lung") })
        #expect(try read(stack() + other, series: "77").volume.grid.shape.z == 3)
        #expect(message(stack() + other, series: "nothing").contains("0 series match"))
    }

    @Test func modalityAndOriginDecideBetweenSeriesOfOneLength() throws {
        var magnetic = stack()
        var derived = stack()
        for index in magnetic.indices {
            (magnetic[index].series, magnetic[index].modality) = ("1.1", "MR")
            (derived[index].series, derived[index].imageType) = ("1.2", "DERIVED\\SECONDARY")
        }
        #expect(try read(magnetic + derived + stack()).source.series?.identifier == "1.2.3.4")
    }

    @Test func localizersAndImagesWithoutPlaceAreLeftOut() throws {
        var localizer = DICOMFixture(z: 900)
        (localizer.imageType, localizer.orientation) = ("ORIGINAL\\PRIMARY\\LOCALIZER", [0, 1, 0, 0, 0, -1])
        var report = DICOMFixture(z: 901)
        report.isPlaced = false
        let image = try read(stack() + [localizer, report])
        #expect(image.volume.voxels == expected)
        #expect(image.warnings.contains { $0.message.contains("1 localizer") })
        #expect(image.warnings.contains { $0.message.contains("1 DICOM files") })
    }

    @Test func orientationsAreNotMixed() throws {
        var coronal = DICOMFixture(z: 1)
        coronal.orientation = [1, 0, 0, 0, 0, -1]
        #expect(try read(stack() + [coronal]).volume.voxels == expected)
    }

    @Test func identicalDuplicatesAreDroppedAndOthersRefused() throws {
        var copy = stack()[2]
        copy.instance += 5000
        let image = try read(stack() + [copy])
        #expect(image.volume.voxels == expected)
        #expect(image.warnings.contains { $0.kind == .slices && $0.message.contains("5.0 mm") })
        copy.stored[3] += 1
        #expect(message(stack() + [copy]).contains("two different images lie at 5.0 mm"))
    }

    @Test func oneOfSeveralAcquisitionsIsRead() throws {
        var second = stack(4)
        for index in second.indices {
            second[index].acquisition = 2
            second[index].stored[0] = 999
        }
        let image = try read(stack() + second)
        #expect(image.volume.voxels == expected)
        #expect(image.warnings.contains { $0.kind == .choice && $0.message.contains("2 acquisitions") })
    }

    @Test func missingSlicesAreNamed() throws {
        var slices = stack()
        slices.remove(at: 2)
        let text = message(slices)
        #expect(text.contains("1 slice is missing between 2.5 mm and 7.5 mm (5.0 mm)"))
    }

    @Test func unevenSlicesAreNamed() throws {
        var slices = stack()
        slices[3].position.z += 0.4
        #expect(message(slices).contains("unevenly spaced") && message(slices).contains("between 5.0 mm and 7.9 mm"))
    }

    @Test func theRefusalOfUnevenSlicesNamesTheWayOut() {
        var slices = stack()
        slices.remove(at: 2)
        #expect(message(slices).contains("--resample-uneven"))
    }

    /// Stored values rise by 100 per 2.5 mm, so every evenly spaced slice is known whatever the others were.
    @Test func missingSlicesAreFilledWhereAskedFor() throws {
        var slices = stack()
        slices.remove(at: 2)
        let image = try read(slices, resamples: true)
        #expect(image.volume.grid.shape == SIMD3(4, 3, 5))
        #expect(image.volume.grid.spacing.z == 2.5)
        #expect(image.volume.voxels == expected)
        let warning = try #require(image.warnings.first { $0.kind == .slices })
        #expect(warning.message.contains("between 2.5 mm and 7.5 mm (5.0 mm)") && warning.message.contains("1 of which are mixed"))
    }

    @Test func unevenSlicesAreResampledWhereAskedFor() throws {
        // 0, 2.5, 5, 8, 10 mm hold 0, 100, 200, 320, 400.
        var slices = stack()
        (slices[3].position.z, slices[3].stored) = (8, slices[3].stored.map { $0 + 20 })
        let image = try read(slices, resamples: true)
        // Values are linear along the axis: mixing recovers them up to rounding in single precision.
        #expect(image.volume.voxels.count == expected.count)
        for (found, wanted) in zip(image.volume.voxels, expected) { #expect(abs(found - wanted) < 1e-3) }
        #expect(image.warnings.contains { $0.message.contains("between 5.0 mm and 8.0 mm (3.0 mm)") })
        // Nothing changes for series that need no resampling.
        let even = try TemporaryDirectory()
        for (index, slice) in stack().enumerated() { try slice.file.write(to: even.file("\(index).dcm")) }
        let plain = try ImageFile.read(even.url, options: ReadOptions(resamplesUnevenSlices: true))
        #expect(plain.volume.voxels == expected && !plain.warnings.contains { $0.kind == .slices })
    }

    /// Two halves of 2.5 and 5 mm: the usual distance is the one that occurs more often, and tilted places are met.
    @Test func twoSpacingsBecomeOne() throws {
        var slices = stack(4) + [12.5, 17.5].map { DICOMFixture(z: $0, value: Int16($0 * 40)) }
        for index in slices.indices { slices[index].position.y += 0.2 * slices[index].position.z }
        let image = try read(slices, resamples: true)
        #expect(image.volume.grid.shape.z == 8)
        for index in 0..<8 {
            let place = image.volume.grid.affine(SIMD3(0, 0, Double(index)))
            #expect(norm(place - SIMD3(10, 20 - 0.5 * Double(index), 2.5 * Double(index))) < 1e-9)
            #expect(abs(image.volume.voxels[12 * index] - Float(100 * index - 1024)) < 1e-3)
        }
    }

    @Test func holesAreNotFilled() throws {
        var slices = stack(12)
        slices.removeSubrange(3...8)
        #expect { try read(slices, resamples: true) } throws: { "\($0)".contains("6 slices are missing") && "\($0)".contains("too wide a gap") }
    }

    @Test func gantryTiltBecomesAShearedGrid() throws {
        var slices = stack()
        for index in slices.indices { slices[index].position.y += 0.5 * Double(index) }
        let image = try read(slices)
        #expect(image.volume.voxels == expected)
        for index in 0..<5 {
            let place = image.volume.grid.affine(SIMD3(0, 0, Double(index)))
            #expect(norm(place - SIMD3(10, 20 - 0.5 * Double(index), 2.5 * Double(index))) < 1e-9)
        }
        #expect(image.warnings.contains { $0.kind == .slices && $0.message.contains("tilted by 11.31°") })
        slices[2].position.y += 3
        #expect(message(slices).contains("off the line"))
    }

    @Test func damagedSlicesAreNamed() throws {
        try stack()[4].file.dropLast(30).write(to: folder.file("zz.dcm"))
        let image = try read(Array(stack().prefix(4)))
        #expect(image.volume.grid.shape.z == 4)
        #expect(image.warnings.contains { $0.kind == .slices && $0.message.contains("zz.dcm is damaged") })
        // Where the damaged one leaves a gap, the error names it.
        var slices = stack()
        try slices.remove(at: 2).file.dropLast(30).write(to: folder.file("zz.dcm"))
        #expect(message(slices).contains("1 slice is missing") && message(slices).contains("zz.dcm is damaged"))
    }

    @Test func oneFileIsOneSlice() throws {
        try stack()[1].file.write(to: folder.file("single.dcm"))
        let image = try ImageFile.read(folder.file("single.dcm"))
        #expect(image.volume.grid.shape == SIMD3(4, 3, 1))
        #expect(image.volume.grid.spacing.z == 3)
        #expect(image.volume.voxels == Array(expected[12..<24]))
    }

    @Test func damagedFilesAndEmptyFoldersAreRefused() throws {
        #expect(throws: ImageError.self) { try ImageFile.read(folder.url) }
        try Data("text".utf8).write(to: folder.file("a.txt"))
        #expect { try ImageFile.read(folder.url) } throws: { "\($0)".contains("1 other files") }
        let file = stack()[0].file
        // Bits allocated, stored and samples that no voxel can have: GDCM would end the process.
        for (element, value) in [(UInt16(0x0100), UInt16(17)), (0x0100, 0), (0x0101, 99), (0x0103, 7), (0x0002, 200)] {
            var changed = file
            let place = try #require(changed.range(of: Data(bytes(UInt16(0x0028)) + bytes(element) + Array("US".utf8))))
            changed.replaceSubrange(place.upperBound + 2..<place.upperBound + 4, with: bytes(value))
            try changed.write(to: folder.file("cut.dcm"))
            #expect(throws: ImageError.self, "element \(element)") { try ImageFile.read(folder.file("cut.dcm")) }
        }
        for length in stride(from: 132, to: file.count, by: 11) {
            try file.prefix(length).write(to: folder.file("cut.dcm"))
            #expect(throws: ImageError.self, "\(length) of \(file.count) bytes") { try ImageFile.read(folder.file("cut.dcm")) }
        }
    }
}
