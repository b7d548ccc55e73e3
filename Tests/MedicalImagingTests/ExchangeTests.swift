import Foundation
import MedicalImaging
import TestSupport
import Testing

@Suite struct ExchangeTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    /// An oblique, left-handed grid.
    private let grid = VoxelGrid(
        shape: SIMD3(4, 3, 2), affine: Affine(rowMajor: [-0.6, 0.32, 0, 10.5, 0.45, 0.4266666666666667, 0, -20.25, 0, 0, 3, 30]))

    @Test(arguments: ["v.nrrd", "v.mha", "v.nhdr", "v.mhd", "a b.nhdr", "a b.mhd", "v.nii", "v.nii.gz"])
    func volumesSurviveEveryFormat(name: String) throws {
        let integers = (0..<24).map { Float($0 * 100 - 1000) }
        let fractions = (0..<24).map { Float($0) * 0.37 - 1000 }
        for values in [integers, fractions] {
            let volume = Volume<Float>(grid: grid, voxels: values)
            try ImageFile.write(volume, to: folder.file(name))
            let image = try ImageFile.read(folder.file(name))
            #expect(image.volume.voxels == values)
            #expect(image.volume.grid.shape == grid.shape)
            for (found, expected) in zip(image.volume.grid.affine.rowMajor, grid.affine.rowMajor) { #expect(abs(found - expected) < 1e-5) }
            try ImageFile.write(image.volume, to: folder.file("again-" + name), like: image.source)
            let again = try ImageFile.read(folder.file("again-" + name))
            #expect(again.volume.voxels == values)
            #expect(again.source.storedType == image.source.storedType)
        }
    }

    @Test(arguments: ["l.nrrd", "l.mha", "l.nhdr", "l.mhd"])
    func labelsSurviveWithTheirNames(name: String) throws {
        let labels = LabelMap(grid: grid, voxels: (0..<24).map { UInt8($0 % 14) })
        try ImageFile.write(labels, to: folder.file(name), labelNames: [1: "spleen", 13: "left adrenal gland"])
        #expect(try ImageFile.readLabels(folder.file(name)).labels.voxels == labels.voxels)
        let text = String(decoding: try Data(contentsOf: folder.file(name)).prefix(1000), as: UTF8.self)
        #expect(text.contains("Segment1_Name:=left adrenal gland\nSegment1_LabelValue:=13") == (name == "l.nrrd" || name == "l.nhdr"))
    }

    /// The voxels lie beside the header under the names that ITK gives them: bare in one format, as a gzip file in the other.
    @Test func detachedVoxelsLieBesideTheirHeader() throws {
        let labels = LabelMap(grid: grid, voxels: (0..<24).map { UInt8($0 % 14) })
        for name in ["d.mhd", "d.nhdr"] { try ImageFile.write(labels, to: folder.file(name)) }
        #expect(try Array(Data(contentsOf: folder.file("d.raw"))) == labels.voxels)
        #expect(try Data(contentsOf: folder.file("d.raw.gz")).starts(with: [0x1F, 0x8B]))
        let header = try String(contentsOf: folder.file("d.nhdr"), encoding: .utf8)
        #expect(header.hasSuffix("data file: d.raw.gz\n"))
        #expect(try String(contentsOf: folder.file("d.mhd"), encoding: .utf8).hasSuffix("ElementDataFile = d.raw\n"))
        // MetaIO would also take a file of that name with .gz behind it.
        for name in ["d.raw", "d.raw.gz"] { try FileManager.default.removeItem(at: folder.file(name)) }
        #expect(throws: ImageError.self) { try ImageFile.readLabels(folder.file("d.mhd")) }
    }

    /// The file that holds the voxels, cut: MetaIO says nothing of it and leaves what memory held before; teem reads without the checksum.
    @Test(arguments: [("v.mhd", "v.raw", 1), ("v.mha", "v.mha", 1), ("v.nrrd", "v.nrrd", 1), ("v.nhdr", "v.raw.gz", 1)])
    func aFileThatEndsEarlyIsDamaged(name: String, cut: String, least: Int) throws {
        try ImageFile.write(Volume<Float>(grid: grid, voxels: (0..<24).map { Float($0 * 100 - 1000) }), to: folder.file(name))
        let whole = try Data(contentsOf: folder.file(cut))
        for missing in [least, 20, 30] {
            try whole.dropLast(missing).write(to: folder.file(cut))
            #expect("\(missing) bytes") { try ImageFile.read(folder.file(name)) } throws: { "\($0)".contains("damaged") }
        }
    }

    /// Bytes of which each could be taken for a mark of what no reading has written.
    @Test(arguments: [UInt8(0xA5), 0x5A, 0, 0xFF]) func noVoxelsAreTakenForMissingOnes(value: UInt8) throws {
        let labels = LabelMap(grid: grid, repeating: value)
        for name in ["m.mha", "m.nrrd"] {
            try ImageFile.write(labels, to: folder.file(name))
            #expect(try ImageFile.readLabels(folder.file(name)).labels.voxels == labels.voxels)
        }
    }

    /// A zlib stream of one stored block, whole and cut in the middle; and slices in files of their own, one of which is not there.
    @Test func compressedAndListedVoxelsThatAreNotThereAreDamaged() throws {
        let header = "ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementSpacing = 1 1 1\n"
        let voxels = (0..<24).map { UInt8($0) }
        var (low, high): (UInt32, UInt32) = (1, 0)
        for value in voxels { (low, high) = ((low + UInt32(value)) % 65521, (high + low + UInt32(value)) % 65521) }
        let stream = [0x78, 0x01, 0x01, 24, 0, ~24, 0xFF] + voxels + bytes((high << 16 | low).bigEndian)
        func compressed(_ stream: [UInt8]) throws -> [Float] {
            let start = header + "CompressedData = True\nCompressedDataSize = \(stream.count)\nElementDataFile = LOCAL\n"
            try (Data(start.utf8) + Data(stream)).write(to: folder.file("z.mha"))
            return try ImageFile.read(folder.file("z.mha")).volume.voxels
        }
        #expect(try compressed(stream) == voxels.map(Float.init))
        #expect(throws: ImageError.self) { try compressed(Array(stream.prefix(20))) }
        // A bit of a voxel, and one of the checksum.
        for place in [12, stream.count - 1] {
            var flipped = stream
            flipped[place] ^= 4
            #expect { try compressed(flipped) } throws: { "\($0)".contains("checksum") }
        }

        try Data((header + "ElementDataFile = elsewhere.raw\n").utf8).write(to: folder.file("alone.mhd"))
        #expect { try ImageFile.read(folder.file("alone.mhd")) } throws: { "\($0)".contains("elsewhere.raw, which is not there") }

        try Data((header + "ElementDataFile = LIST\none.raw\ntwo.raw\n").utf8).write(to: folder.file("list.mhd"))
        for (name, slice) in [("one.raw", voxels.prefix(12)), ("two.raw", voxels.suffix(12))] { try Data(slice).write(to: folder.file(name)) }
        #expect(try ImageFile.read(folder.file("list.mhd")).volume.voxels == voxels.map(Float.init))
        try Data(voxels.prefix(5)).write(to: folder.file("one.raw"))
        #expect(throws: ImageError.self) { try ImageFile.read(folder.file("list.mhd")) }
    }

    @Test(arguments: ["slice%03d.mhd", "LIST.nhdr", "leber-größe.mhd"])
    func namesThatReadersTakeForSomethingElseAreRefused(name: String) throws {
        #expect {
            try ImageFile.write(Volume<Float>(grid: grid, repeating: 0), to: folder.file(name))
        } throws: {
            "\($0)".contains("choose another name")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func spacesAreConvertedToRAS() throws {
        let header = """
            NRRD0004
            type: short
            dimension: 3
            space: right-anterior-superior
            sizes: 2 1 1
            space directions: (0.5,0,0) (0,1,0) (0,0,2)
            endian: little
            encoding: raw
            space origin: (1,2,3)


            """
        try (Data(header.utf8) + Data(bytes(Int16(-1000)) + bytes(Int16(7)))).write(to: folder.file("ras.nrrd"))
        let image = try ImageFile.read(folder.file("ras.nrrd"))
        #expect(image.volume.voxels == [-1000, 7])
        #expect(image.volume.grid.affine == .diagonal(SIMD3(0.5, 1, 2), translation: SIMD3(1, 2, 3)))
    }

    @Test func detachedVoxelsAreFound() throws {
        let header = "ObjectType = Image\nNDims = 3\nDimSize = 2 1 1\nElementType = MET_SHORT\nElementSpacing = 1 2 3\nElementDataFile = v.raw\n"
        try Data(header.utf8).write(to: folder.file("v.mhd"))
        #expect(throws: ImageError.self) { try ImageFile.read(folder.file("v.mhd")) }
        try Data(bytes(Int16(-1000)) + bytes(Int16(7))).write(to: folder.file("v.raw"))
        let image = try ImageFile.read(folder.file("v.mhd"))
        #expect(image.volume.voxels == [-1000, 7])
        #expect(image.volume.grid.affine == .diagonal(SIMD3(-1, -2, 3)))
    }

    @Test(arguments: ["v.nrrd", "v.mha"])
    func hostileHeadersAreRefused(name: String) throws {
        try ImageFile.write(Volume<Float>(grid: grid, repeating: -1000.5), to: folder.file(name))
        let sound = try Data(contentsOf: folder.file(name))
        var lying = String(decoding: sound, as: UTF8.self)
        lying = lying.replacingOccurrences(of: "4 3 2", with: "400000 300000 200000")
        let unended = String(decoding: sound, as: UTF8.self).replacingOccurrences(of: "ElementDataFile", with: "Comment")
        let axes = String(decoding: sound, as: UTF8.self).replacingOccurrences(of: "NDims = 3", with: "NDims = 93")
            .replacingOccurrences(of: "dimension: 3", with: "dimension: 93")
        for text in [unended.replacingOccurrences(of: "encoding", with: "enciphering"), axes] {
            try (Data(text.utf8) + Data(repeating: 0xC3, count: 1 << 16)).write(to: folder.file(name))
            #expect(throws: ImageError.self) { try ImageFile.read(folder.file(name)) }
        }
        for file in [sound.prefix(60), sound.dropLast(sound.count / 10), Data(lying.utf8)] {
            try file.write(to: folder.file(name))
            #expect(throws: ImageError.self) { try ImageFile.read(folder.file(name)) }
        }
    }

    @Test func colourAndSeveralVolumesAreRefused() throws {
        let colour = "ObjectType = Image\nNDims = 3\nElementNumberOfChannels = 3\nDimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
        try (Data(colour.utf8) + Data([1, 2, 3])).write(to: folder.file("c.mha"))
        #expect { try ImageFile.read(folder.file("c.mha")) } throws: { "\($0)".contains("3 values per voxel") }
        let several = "ObjectType = Image\nNDims = 4\nDimSize = 1 1 1 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
        try (Data(several.utf8) + Data([1, 2, 3])).write(to: folder.file("s.mha"))
        #expect { try ImageFile.read(folder.file("s.mha")) } throws: { "\($0)".contains("holds 3 volumes") }
    }
}
