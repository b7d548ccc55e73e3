import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct NIfTIWritingTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    @Test(arguments: ["out.nii", "out.nii.gz"], [1, 2])
    func headerSurvives(name: String, version: Int) throws {
        var fixture = NIfTIFixture()
        fixture.header.version = version
        fixture.header.voxelOffset = 560
        fixture.header.quaternionOffset += SIMD3(0.25, 0, 0)
        (fixture.header.sformCode, fixture.header.qformCode, fixture.header.units) = (4, 2, 10)
        fixture.header.description.replaceSubrange(0..<5, with: "hello".utf8)
        try fixture.file.write(to: folder.file("in.nii"))
        let image = try ImageFile.read(folder.file("in.nii"))
        try ImageFile.write(
            LabelMap(grid: image.volume.grid, repeating: 3), to: folder.file(name), like: image.source, labelNames: [3: "gallbladder"])
        let (labels, source) = try ImageFile.readLabels(folder.file(name))
        #expect(labels == LabelMap(grid: image.volume.grid, repeating: 3))
        var (before, after) = (try #require(image.source.nifti), try #require(source.nifti))
        #expect(after.datatype == 2)
        (before.datatype, before.voxelOffset) = (0, 0)
        (after.datatype, after.voxelOffset) = (0, 0)
        #expect(before == after)
        let raw = try Data(contentsOf: folder.file(name))
        let plain = Gzip.isGzip(raw) ? try Gzip.decompress(raw, expectedLength: 4096) : raw
        #expect(plain.range(of: Data("3 gallbladder".utf8)) != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false)).sorted() == ["in.nii", name].sorted())
    }

    @Test func imagesAreStoredInTheSmallestTypeThatHoldsThem() throws {
        let grid = VoxelGrid(shape: SIMD3(3, 1, 1), affine: .diagonal(SIMD3(1, 2, 3)))
        let cases: [([Double], VoxelType)] = [
            ([-1000, 0, 32767], .int16), ([0, 0, 40000], .uint16), ([-1000, 0, 40000], .float32), ([0.5, 0, 1], .float32),
        ]
        for (values, type) in cases {
            let volume = Volume<Float>(grid: grid, voxels: values.map { Float($0) })
            try ImageFile.write(volume, to: folder.file("v.nii"))
            let image = try ImageFile.read(folder.file("v.nii"))
            #expect(image.volume == volume)
            #expect(image.source.storedType == type)
            // A larger type than needed is not taken over from the source, a smaller one is.
            var source = image.source
            for other in [VoxelType.int32, .float64, .uint8] {
                source.storedType = other
                try ImageFile.write(volume, to: folder.file("w.nii"), like: source)
                let again = try ImageFile.read(folder.file("w.nii"))
                // Of two types of one size the source's comes first.
                let expected = other == .int32 && type == .float32 && values.allSatisfy { $0 == $0.rounded() } ? .int32 : type
                #expect(again.volume == volume && again.source.storedType == expected, "\(other)")
            }
        }
        try ImageFile.write(Volume<Float>(grid: grid, voxels: [0, 7, 255]), to: folder.file("byte.nii"))
        var source = try ImageFile.read(folder.file("byte.nii")).source
        source.storedType = .uint8
        try ImageFile.write(Volume<Float>(grid: grid, voxels: [0, 7, 255]), to: folder.file("byte.nii"), like: source)
        #expect(try ImageFile.read(folder.file("byte.nii")).source.storedType == .uint8)
    }

    @Test func anotherGridMovesBothAffines() throws {
        try NIfTIFixture().file.write(to: folder.file("in.nii"))
        let image = try ImageFile.read(folder.file("in.nii"))
        let grid = VoxelGrid(shape: SIMD3(2, 2, 2), affine: .diagonal(SIMD3(-1, 2, 3), translation: SIMD3(4, 5, 6)))
        try ImageFile.write(LabelMap(grid: grid, repeating: 1), to: folder.file("out.nii"), like: image.source)
        let header = try #require(ImageFile.readLabels(folder.file("out.nii")).source.nifti)
        #expect(header.sform == grid.affine)
        #expect(try header.qform() == grid.affine)
    }

    @Test func nothingIsLeftWhenWritingFails() throws {
        let grid = VoxelGrid(shape: SIMD3(1, 1, 1), affine: .identity)
        let labels = LabelMap(grid: grid, repeating: 1)
        #expect(throws: ImageError.self) { try ImageFile.write(labels, to: folder.file("no such folder/out.nii")) }
        #expect(throws: ImageError.self) { try ImageFile.write(labels, to: folder.file("out.unknown")) }
        try FileManager.default.createDirectory(at: folder.file("taken.nii").appending(path: "x"), withIntermediateDirectories: true)
        #expect(throws: ImageError.self) { try ImageFile.write(labels, to: folder.file("taken.nii")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false)) == ["taken.nii"])
    }
}
