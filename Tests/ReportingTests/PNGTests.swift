import CDeflate
import Foundation
import MedicalImaging
import Testing

/// Pictures decoded by a reader written from the specification, for this test only.
@Suite struct PNGTests {
    private struct Picture { var width = 0, height = 0, colourType: UInt8 = 0, palette: [UInt8] = [], alpha: [UInt8] = [], bytes: [UInt8] = [] }

    private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private func decode(_ file: Data, samples: Int) throws -> Picture {
        let bytes = [UInt8](file)
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var picture = Picture()
        var compressed: [UInt8] = []
        var names: [String] = []
        var position = 8
        while position < bytes.count {
            let length = number(bytes[position..<position + 4])
            let content = Array(bytes[position + 4..<position + 8 + length])
            let checksum = content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
            #expect(number(bytes[position + 8 + length..<position + 12 + length]) == Int(checksum))
            let name = String(decoding: content.prefix(4), as: UTF8.self)
            let body = content[4...]
            names.append(name)
            switch name {
            case "IHDR":
                picture.width = number(body[4..<8])
                picture.height = number(body[8..<12])
                picture.colourType = body[13]
                #expect(body[12] == 8)
            case "PLTE": picture.palette = Array(body)
            case "tRNS": picture.alpha = Array(body)
            case "IDAT": compressed += body
            default: break
            }
            position += 12 + length
        }
        #expect(names.first == "IHDR" && names.last == "IEND")
        picture.bytes = try unfilter(inflate(compressed, size: (picture.width * samples + 1) * picture.height), picture.width * samples, samples)
        return picture
    }

    private func inflate(_ bytes: [UInt8], size: Int) throws -> [UInt8] {
        let decompressor = try #require(libdeflate_alloc_decompressor())
        defer { libdeflate_free_decompressor(decompressor) }
        var plain = [UInt8](repeating: 0, count: size)
        var written = 0
        #expect(libdeflate_zlib_decompress(decompressor, bytes, bytes.count, &plain, size, &written) == LIBDEFLATE_SUCCESS)
        #expect(written == size)
        return plain
    }

    private func unfilter(_ rows: [UInt8], _ width: Int, _ step: Int) throws -> [UInt8] {
        var plain: [UInt8] = []
        for start in stride(from: 0, to: rows.count, by: width + 1) {
            for x in 0..<width {
                let left = x >= step ? plain[plain.count - step] : 0
                let up = plain.count >= width ? plain[plain.count - width] : 0
                try #require(rows[start] <= 2)
                plain.append(rows[start + 1 + x] &+ (rows[start] == 1 ? left : rows[start] == 2 ? up : 0))
            }
        }
        return plain
    }

    @Test(arguments: [(PNGImage.Format.gray, 1, UInt8(0)), (.rgb, 3, 2), (.rgba, 4, 6)])
    func pixelsSurvive(format: PNGImage.Format, samples: Int, colourType: UInt8) throws {
        for (width, height) in [(1, 1), (7, 5), (64, 3)] {
            // A ramp, so that filters pay off, with a jump, so that not always the same one does.
            let pixels = (0..<width * height * samples).map { UInt8(truncatingIfNeeded: $0 * $0 / 3 + ($0 / width % 2) * 90) }
            let picture = try decode(PNGImage.encode(width: width, height: height, pixels: pixels, format: format), samples: samples)
            #expect(picture.width == width && picture.height == height && picture.colourType == colourType)
            #expect(picture.bytes == pixels)
        }
    }

    @Test func palettesSurvive() throws {
        let palette: [SIMD4<UInt8>] = [SIMD4(0, 0, 0, 0), SIMD4(10, 20, 30, 90), SIMD4(200, 210, 220, 255)]
        let pixels: [UInt8] = [0, 1, 2, 2, 1, 0]
        let picture = try decode(PNGImage.encode(width: 3, height: 2, pixels: pixels, format: .indexed(palette)), samples: 1)
        #expect(picture.colourType == 3)
        #expect(picture.palette == [0, 0, 0, 10, 20, 30, 200, 210, 220])
        #expect(picture.alpha == [0, 90, 255])
        #expect(picture.bytes == pixels)
    }
}
