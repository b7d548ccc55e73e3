import Foundation
import MedicalImaging
import TestSupport
import Testing

/// NRRD and MetaImage files that ended the process, kept it waiting, or gave other voxels or places than they hold.
@Suite struct NRRDHostileTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    /// 4 × 3 × 2 voxels of 16 bits.
    private let numbers = (0..<24).map { Int16($0 * 90 - 1000) }
    private var expected: [Float] { numbers.map(Float.init) }
    private var voxels: Data { Data(numbers.flatMap { bytes($0) }) }

    private func header(_ changes: [String: String?] = [:], ending: String = "") -> Data {
        let fields = [
            ("type", "int16"), ("dimension", "3"), ("space", "left-posterior-superior"), ("sizes", "4 3 2"),
            ("space directions", "(1,0,0) (0,2,0) (0,0,3)"), ("endian", "little"), ("encoding", "raw"), ("space origin", "(10,20,30)"),
        ]
        let lines = fields.compactMap { name, value in (changes[name] ?? value).map { "\(name): \($0)" } }
        let added = changes.filter { change in !fields.contains { $0.0 == change.key } }.compactMap { name, value in value.map { "\(name): \($0)" } }
        return Data((["NRRD0005"] + lines + added.sorted()).joined(separator: "\n").utf8) + Data("\n\(ending)".utf8)
    }

    private func read(_ file: Data, named name: String = "v.nrrd") throws -> LoadedImage {
        try file.write(to: folder.file(name))
        return try ImageFile.read(folder.file(name), options: ReadOptions(checksIntensities: false))
    }

    private func expectDamage(_ file: Data, named name: String = "v.nrrd", saying words: String) {
        #expect("\(words)") { try read(file, named: name) } throws: { "\($0)".contains("damaged") && "\($0)".contains(words) }
    }

    /// teem passes the first two to printf and copies the third to a buffer of fixed size; a pipe it waits for.
    @Test func namesOfVoxelFilesAreLookedAtFirst() throws {
        for (name, words) in [
            ("s%d%s%s%s.raw 0 1 1", "expected one number"), ("s%999999999d.raw 0 1 1", "expected one number"),
            ("s%n.raw 0 1 1", "expected one number"),
            ("s%d.raw 0 2000000000 1", "expected a pattern"), ("s%d.raw 0 1 0", "expected a pattern"),
            ("s%d.raw 0 -9223372036854775808 -1", "expected a pattern"),
            (String(repeating: "x", count: 5000), "too long"),
            ("none.raw", "none.raw, which is not there"), (".", "which is no file"), ("LIST\nnone.raw", "none.raw, which is not there"),
            ("LIST", "names none"),
            ("/dev/zero", "which is no file"), ("pipe.raw", "which is no file"),
        ] {
            mkfifo(folder.file("pipe.raw").path, 0o600)
            expectDamage(header(["data file": name]), named: "v.nhdr", saying: words)
        }
    }

    @Test(arguments: ["both.raw", "s%02d.raw 1 2 1", "s%02d.raw 01 02 1 2", "LIST\ns01.raw\ns02.raw"]) func voxelsInFilesAreFound(name: String)
        throws
    {
        for (file, part) in [("both.raw", voxels), ("s01.raw", voxels.prefix(24)), ("s02.raw", voxels.suffix(24))] {
            try part.write(to: folder.file(file))
        }
        let image = try read(header(["data file": name]), named: "v.nhdr")
        #expect(image.volume.voxels == expected)
        #expect(image.warnings.isEmpty)
    }

    @Test func gzipIsCheckedToItsEnd() throws {
        let gzip = try Gzip.compress(voxels)
        let start = header(["encoding": "gzip"], ending: "\n")
        #expect(try read(start + gzip).volume.voxels == expected)
        #expect(try read(start + gzip + Data("behind".utf8)).volume.voxels == expected)
        #expect(
            try read(header(["encoding": "gz", "byte skip": "-1"], ending: "\n") + Gzip.compress(Data([1, 2, 3]) + voxels)).volume.voxels == expected)
        #expect(
            try read(header(["encoding": "gzip", "byte skip": "3"], ending: "\n") + Gzip.compress(Data([1, 2, 3]) + voxels)).volume.voxels == expected
        )
        let swapped = Data(numbers.flatMap { bytes($0.byteSwapped) })
        #expect(try read(header(["encoding": "gzip", "endian": "big"], ending: "\n") + Gzip.compress(swapped)).volume.voxels == expected)
        for missing in 1...9 { expectDamage(start + gzip.dropLast(missing), saying: "gzip data are cut short or altered") }
        // The mark of gzip, without which teem takes the packed bytes for voxels, and the checksum, at which it does not look.
        for place in [0, 1, gzip.count - 8, gzip.count - 2] {
            var altered = gzip
            altered[altered.startIndex + place] ^= 4
            expectDamage(start + altered, saying: "gzip data are cut short or altered")
        }
        let other = Data((0..<6000).map { (number: Int) -> UInt8 in UInt8(truncatingIfNeeded: number * number >> 3) })
        expectDamage(start + (try Gzip.compressZlib(other)), saying: "gzip data are")
        expectDamage(start + (try Gzip.compress(voxels.dropLast(2))), saying: "announces 48 bytes of voxels and 46 are there")
    }

    /// Announced sizes are compared with the files before memory is taken.
    @Test func sizesThatTheFileCannotHoldAreDamage() throws {
        expectDamage(header(["sizes": "2000 2000 100"], ending: "\n") + voxels, saying: "cannot hold more than 48;")
        expectDamage(
            header(["sizes": "2000 2000 100", "encoding": "gzip"], ending: "\n") + (try Gzip.compress(voxels)), saying: "cannot hold more than")
        expectDamage(header(["sizes": "2000 2000 100", "encoding": "ascii"], ending: "\n") + voxels, saying: "cannot hold more than")
        #expect { try read(header(["encoding": "bzip2"], ending: "\n") + voxels) } throws: {
            "\($0)".contains("cannot be used: its voxels are packed by bzip2")
        }
    }

    /// What stands left-anterior-superior ITK 5.2 places half a circle away: pynrrd and the format's definition say the same as here.
    @Test func spacesArePlacedAsTheyAreNamed() throws {
        for (space, signs) in [
            ("left-posterior-superior", SIMD3(-1.0, -1, 1)), ("left-anterior-superior", SIMD3(-1.0, 1, 1)), ("LAS", SIMD3(-1.0, 1, 1)),
            ("RAS", SIMD3(1.0, 1, 1)),
        ] {
            let image = try read(header(["space": space], ending: "\n") + voxels)
            #expect(image.volume.grid.affine == .diagonal(SIMD3(1, 2, 3) * signs, translation: SIMD3(10, 20, 30) * signs), "\(space)")
            #expect(image.warnings.isEmpty)
        }
    }

    @Test func whatIsGuessedIsSaid() throws {
        func warnings(_ changes: [String: String?]) throws -> String {
            try read(header(changes, ending: "\n") + voxels).warnings.map(\.message).joined(separator: "; ")
        }
        #expect(try warnings(["space": "scanner-xyz"]).contains("no orientation (space: scanner-xyz)"))
        #expect(try warnings(["space": nil, "space directions": nil, "space origin": nil]).contains("no voxel size along axis 3: 1 mm"))
        #expect(try warnings(["space directions": "none (0,2,0) (0,0,3)"]) == "the header gives no voxel size along axis 1: 1 mm is assumed")
        let spacings: [String: String?] = ["space": nil, "space directions": nil, "space origin": nil, "spacings": "1 2 3"]
        #expect(try warnings(spacings) == "the header gives no orientation (no space): left-posterior-superior is a guess")
        #expect(try warnings(["space units": "\"um\" \"um\" \"um\""]) == "the header gives lengths in um: they are taken as mm")
        #expect(try warnings(["space units": "\"mm\" \"mm\" \"mm\""]).isEmpty)
    }

    /// Neither addresses nor the whole chain of functions that complain.
    @Test func messagesAreShort() throws {
        #expect { try read(header(["type": "half"], ending: "\n") + voxels) } throws: { error in
            !"\(error)".contains("0x") && !"\(error)".contains("[nrrd]") && "\(error)".contains("half")
        }
    }

    /// MetaIO does with names what teem does; a step of nothing it divides by.
    @Test func namesInMetaImagesAreLookedAtFirst() throws {
        mkfifo(folder.file("pipe.raw").path, 0o600)
        let header = "ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementSpacing = 1 1 1\nElementDataFile = "
        for (name, words) in [
            ("s%n%d.raw 0 1 1", "expected one number"), ("%s%s%s%s 0 1 1", "expected one number"), ("s%999999999d.raw", "expected one number"),
            ("s%d.raw 0 1 0", "expected a pattern"), ("pipe.raw", "which is no file"), ("LIST\npipe.raw\npipe.raw", "which is no file"),
            ("LIST\n" + String(repeating: "x", count: 5000), "too long"), ("/dev/zero", "which is no file"),
        ] {
            expectDamage(Data("\(header)\(name)\n".utf8), named: "v.mhd", saying: words)
        }
        for name in ["1.raw", "2.raw"] { try Data(repeating: 7, count: 12).write(to: folder.file(name)) }
        for name in ["%d.raw 1 2 1", "%d.raw", "LIST\n1.raw\n2.raw"] {
            #expect(try read(Data("\(header)\(name)\n".utf8), named: "v.mhd").volume.voxels == [Float](repeating: 7, count: 24), "\(name)")
        }
    }
}
