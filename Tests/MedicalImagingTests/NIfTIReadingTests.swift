import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct NIfTIReadingTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    private func read(_ file: Data, as name: String = "image.nii") throws -> LoadedImage {
        try file.write(to: folder.file(name))
        return try ImageFile.read(folder.file(name))
    }

    @Test func voxelsComeInFileOrder() throws {
        let image = try read(NIfTIFixture().file)
        #expect(image.volume.grid.shape == SIMD3(4, 3, 2))
        #expect(image.volume.voxels == (0..<24).map { Float($0 - 1000) })
        #expect(image.volume[1, 2, 1] == Float(1 + 4 * (2 + 3 * 1) - 1000))
        #expect(image.source.format == .nifti && image.source.storedType == .int16)
        #expect(image.warnings.map(\.kind) == [.geometry, .shear])
    }

    @Test(arguments: VoxelType.allCases, [false, true])
    func everyTypeInBothOrders(type: VoxelType, bigEndian: Bool) throws {
        var fixture = NIfTIFixture()
        let values: [Int] = type.rawValue.hasPrefix("u") ? [0, 1, 127, 200] : [-100, 0, 1, 127]
        fixture.header.dimensions = [3, 4, 1, 1, 1, 1, 1, 1]
        fixture.header.datatype = NIfTIHeader.datatype(of: type)
        func stored<Scalar: StoredScalar>(_ convert: (Int) -> Scalar) -> Data { NIfTIFixture.bytes(values.map(convert), bigEndian: bigEndian) }
        fixture.voxels =
            switch type {
            case .uint8: stored { UInt8($0) }
            case .int8: stored { Int8($0) }
            case .uint16: stored { UInt16($0) }
            case .int16: stored { Int16($0) }
            case .uint32: stored { UInt32($0) }
            case .int32: stored { Int32($0) }
            case .uint64: stored { UInt64($0) }
            case .int64: stored { Int64($0) }
            case .float32: stored { Float($0) }
            case .float64: stored { Double($0) }
            }
        let file = bigEndian ? byteSwapped(fixture.file, version: 1) : fixture.file
        #expect(try read(file).volume.voxels == values.map(Float.init))
    }

    @Test func slopeAndInterceptAreAppliedInDoublePrecision() throws {
        var fixture = NIfTIFixture()
        (fixture.header.slope, fixture.header.intercept) = (Double(Float(0.37)), Double(Float(-1024.3)))
        let expected = (0..<24).map { Float(Double($0 - 1000) * Double(Float(0.37)) + Double(Float(-1024.3))) }
        #expect(try read(fixture.file).volume.voxels == expected)
    }

    @Test(arguments: [0, Double.nan, .infinity])
    func meaninglessSlopeMeansNone(slope: Double) throws {
        var fixture = NIfTIFixture()
        (fixture.header.slope, fixture.header.intercept) = (slope, 7)
        #expect(try read(fixture.file).volume.voxels[0] == -1000)
    }

    @Test func gzipOfOneOrSeveralMembers() throws {
        let plain = NIfTIFixture().file
        let single = try Gzip.compress(plain)
        let multiple = try Gzip.compress(plain.prefix(300)) + Gzip.compress(Data(plain[300..<360])) + Gzip.compress(Data(plain[360...]))
        let trailing = try Gzip.compress(plain + Data(repeating: 7, count: 1 << 20))
        for file in [single, multiple, trailing, single + Data(count: 512)] {
            #expect(try read(file, as: "image.nii.gz").volume.voxels == (0..<24).map { Float($0 - 1000) })
        }
    }

    @Test func headerAndVoxelsInTwoFiles() throws {
        let fixture = NIfTIFixture()
        var header = fixture.file(replacing: 344, with: Array("ni1\0".utf8)).prefix(348)
        header.replaceSubrange(108..<112, with: bytes(Float(0)))
        try fixture.voxels.write(to: folder.file("scan.img"))
        for name in ["scan.hdr", "scan.img"] {
            try header.write(to: folder.file("scan.hdr"))
            #expect(try ImageFile.read(folder.file(name)).volume.voxels[23] == -977)
        }
        try FileManager.default.removeItem(at: folder.file("scan.img"))
        #expect(throws: ImageError.self) { try ImageFile.read(folder.file("scan.hdr")) }
    }

    @Test func oneVolumeOfFourAxesIsReadAndSeveralAreRefused() throws {
        var fixture = NIfTIFixture()
        fixture.header.dimensions = [4, 4, 3, 2, 1, 1, 1, 1]
        #expect(try read(fixture.file).warnings.contains { $0.kind == .choice })
        fixture.header.dimensions = [4, 4, 3, 1, 2, 1, 1, 1]
        #expect { try read(fixture.file) } throws: { "\($0)".contains("holds 2 volumes") }
    }

    @Test func labelsAreReadExactlyOrRefusedByPlace() throws {
        var fixture = NIfTIFixture()
        fixture.header.datatype = 16
        var values = (0..<24).map { Float($0 * 10) }
        fixture.voxels = NIfTIFixture.bytes(values)
        try fixture.file.write(to: folder.file("labels.nii"))
        #expect(try ImageFile.readLabels(folder.file("labels.nii")).labels.voxels == values.map { UInt8($0) })
        for bad in [2.5, 256, -1, Float.infinity] {
            values[17] = bad
            fixture.voxels = NIfTIFixture.bytes(values)
            try fixture.file.write(to: folder.file("labels.nii"))
            let path = folder.file("labels.nii").path(percentEncoded: false)
            #expect(throws: ImageError.notALabel(path: path, value: Double(bad), voxel: SIMD3(1, 1, 1))) {
                try ImageFile.readLabels(folder.file("labels.nii"))
            }
        }
    }

    /// The header fields of a little-endian version 1 file in the other order; the voxels stay.
    private func byteSwapped(_ file: Data, version: Int) -> Data {
        var file = file
        func swap(_ offset: Int, _ size: Int) { file.replaceSubrange(offset..<offset + size, with: file[offset..<offset + size].reversed()) }
        swap(0, 4)
        for offset in stride(from: 40, to: 56, by: 2) { swap(offset, 2) }
        for offset in [68, 70, 72, 74, 120, 252, 254] { swap(offset, 2) }
        for offset in Array(stride(from: 76, to: 120, by: 4)) + Array(stride(from: 124, to: 148, by: 4)) + Array(stride(from: 256, to: 328, by: 4)) {
            swap(offset, 4)
        }
        return file
    }
}
