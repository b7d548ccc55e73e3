import CDeflate
import Foundation

/// Pictures as PNG files: 8 bits per sample, one pass, no interlacing (PNG specification, third edition).
public enum PNGImage {
    /// What one pixel holds.
    public enum Format: Sendable, Equatable {
        /// One grey value.
        case gray
        /// Red, green, blue.
        case rgb
        /// Red, green, blue, alpha (not premultiplied).
        case rgba
        /// One position in a palette of at most 256 colours (red, green, blue, alpha).
        case indexed([SIMD4<UInt8>])

        /// Bytes per pixel.
        var sampleCount: Int {
            switch self {
            case .gray, .indexed: 1
            case .rgb: 3
            case .rgba: 4
            }
        }

        /// The colour type of the header chunk.
        var colourType: UInt8 {
            switch self {
            case .gray: 0
            case .rgb: 2
            case .indexed: 3
            case .rgba: 6
            }
        }
    }

    /// The PNG file of a picture.
    /// - Parameters:
    ///   - pixels: `width × height` pixels of `format`, rows from top to bottom.
    /// - Precondition: both sides are positive and `pixels` has exactly the bytes that they ask for.
    public static func encode(width: Int, height: Int, pixels: [UInt8], format: Format) -> Data {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        precondition(pixels.count == width * height * format.sampleCount, "the pixels do not fill \(width)×\(height)")
        var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        append(chunk: "IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, format.colourType, 0, 0, 0], to: &file)
        if case .indexed(let palette) = format {
            precondition((1...256).contains(palette.count), "a palette has 1 to 256 colours")
            append(chunk: "PLTE", palette.flatMap { [$0.x, $0.y, $0.z] }, to: &file)
            if palette.contains(where: { $0.w < 255 }) { append(chunk: "tRNS", palette.map(\.w), to: &file) }
        }
        append(chunk: "IDAT", compress(filter(pixels, width: width, height: height, format: format)), to: &file)
        append(chunk: "IEND", [], to: &file)
        return file
    }

    /// Each row behind the number of its filter: none for palettes, else none, left or up, whichever leaves the smallest sum of
    /// magnitudes, the rule that the specification suggests (§12.7).
    private static func filter(_ pixels: [UInt8], width: Int, height: Int, format: Format) -> [UInt8] {
        let bytes = width * format.sampleCount
        let step = format.sampleCount
        var isIndexed = false
        if case .indexed = format { isIndexed = true }
        return [UInt8](unsafeUninitializedCapacity: (bytes + 1) * height) { filtered, count in
            pixels.withUnsafeBufferPointer { pixels in
                for y in 0..<height {
                    let row = pixels[y * bytes..<(y + 1) * bytes]
                    func left(_ x: Int) -> UInt8 { x < step ? 0 : pixels[y * bytes + x - step] }
                    func up(_ x: Int) -> UInt8 { y == 0 ? 0 : pixels[(y - 1) * bytes + x] }
                    var costs = (none: 0, left: 0, up: 0)
                    for (x, value) in row.enumerated() where !isIndexed {
                        costs.none += magnitude(value)
                        costs.left += magnitude(value &- left(x))
                        costs.up += magnitude(value &- up(x))
                    }
                    let chosen: UInt8 = costs.left < costs.none && costs.left <= costs.up ? 1 : costs.up < costs.none ? 2 : 0
                    filtered[count] = chosen
                    for (x, value) in row.enumerated() {
                        filtered[count + 1 + x] = value &- (chosen == 1 ? left(x) : chosen == 2 ? up(x) : 0)
                    }
                    count += bytes + 1
                }
            }
        }
    }

    private static func magnitude(_ difference: UInt8) -> Int { difference < 128 ? Int(difference) : 256 - Int(difference) }

    private static func compress(_ bytes: [UInt8]) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(7) else { preconditionFailure("libdeflate could not allocate a compressor") }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = bytes.withUnsafeBytes { libdeflate_zlib_compress(compressor, $0.baseAddress, $0.count, buffer.baseAddress, bound) }
        }
    }

    private static func append(chunk name: String, _ body: [UInt8], to file: inout Data) {
        let content = Array(name.utf8) + body
        file += bigEndian(UInt32(body.count))
        file += content
        file += bigEndian(content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) })
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
